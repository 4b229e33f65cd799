// Span attention on a GPU, backward. Derivation of the gradients: fused_block.cpp.

#include "memory/device_head.h"

namespace wane::device {
namespace {

/// Blocks: (environment, tile of queries); a warp per head, a lane per query.
template <class Real, int kSize>
__global__ void __launch_bounds__(kWarp* most_heads(kSize))
    backward_queries_kernel(Block<Real> block, Weighed<Real> weighed, const Real* d_out, const Real* d_reach,
                            Gradients<Real> to) {
  const Walk walk = Walk::of(1);
  const auto head = Head<Real>::of(block);
  const int t = walk.query;
  if (t >= block.queries) return;
  const std::int64_t at = head.at(head.query_at(t)), scalar = head.scalar_at(t);
  Real query[kSize], g[kSize], row[kSize], d_query[kSize] = {};
  load(row, weighed.out + at, block.size);
  load(g, d_out + at, block.size);
  load(query, block.query + at, block.size);
  const Real of_reach = weighed.reach ? *d_reach : Real(0), log_total = weighed.log_total[scalar];
  const Real delta = dot(g, row) + (weighed.reach ? of_reach * weighed.reach[scalar] : Real(0));
  Real d_slope = 0, d_head = 0;
  const Real shrink = 1 / std::sqrt(Real(block.size));
  const Asker asker = block.asker[head.query_at(t)];
  for (int c = block.first[head.env]; c < block.end[head.env]; ++c) {
    const Candidate slot = block.candidate[c];
    const View<Real> view = head.view(c, slot, asker);
    if (view.mask <= 0) continue;
    load(row, block.key + head.at(slot.row), block.size);
    const Real unmasked = std::exp(head.logit(t, view.age, dot(query, row)) - log_total);
    Real value[kSize];
    load(value, block.value + head.at(slot.row), block.size);
    Real d_weight = dot(g, value) - delta;
    if (weighed.reach) d_weight += of_reach * head.log_from(2, view.age);
    if (to.head_span) {
      const Real span = block.head_span[head.head], look = block.ramp.mask(span, Real(view.age));
      if (look > 0 && look < 1) d_head += unmasked * view.mask * d_weight * block.ramp.slope(span, Real(view.age));
    }
    if (view.look <= 0) continue;
    const Real d_logit = view.look * unmasked * d_weight;
    if (to.slope) d_slope -= d_logit * head.log_from(block.slope_from, view.age);
    add(d_query, d_logit * shrink, row);
    if (view.age < block.window) to.near[head.near_at(t) + view.age] += d_logit * shrink;
  }
  store(to.query + at, d_query, block.size);
  to.delta[scalar] = delta;
  if (to.null_logit) to.null_logit[scalar] = -std::exp(block.null_logit[head.head] - log_total) * delta;
  if (to.slope) to.slope[scalar] = d_slope;
  if (to.head_span) to.head_span[scalar] = d_head;
}

/// Blocks: (environment, tile of slots); a warp per head, a lane per slot. After the queries' half, for its delta.
template <class Real, int kSize>
__global__ void __launch_bounds__(kWarp* most_heads(kSize))
    backward_slots_kernel(Block<Real> block, Weighed<Real> weighed, const Real* d_out, const Real* d_charge,
                          const Real* d_reach, Gradients<Real> to) {
  __shared__ Real spans[most_heads(kSize)][kWarp];
  const auto head = Head<Real>::of(block);
  const auto [idle, here, slot, c, lane] = Tenant::of(head);
  if (idle) return;
  const Real shrink = 1 / std::sqrt(Real(block.size)), of_reach = weighed.reach ? *d_reach : Real(0);
  const Real span = here && to.span ? block.span[slot.row] : Real(0);
  Real d_span = 0;
  if (here) {
    Real key[kSize], value[kSize], row[kSize], d_key[kSize] = {}, d_value[kSize] = {};
    load(key, block.key + head.at(slot.row), block.size);
    load(value, block.value + head.at(slot.row), block.size);
    for (int t = 0; t < block.queries; ++t) {
      const View<Real> view = head.view(c, slot, block.asker[head.query_at(t)]);
      if (view.mask <= 0) continue;
      if (to.span && head.head == 0 && view.mask < 1) d_span += *d_charge / block.ramp.length(span);
      if (view.look <= 0) continue;
      const std::int64_t at = head.at(head.query_at(t)), scalar = head.scalar_at(t);
      load(row, block.query + at, block.size);
      const Real unmasked = std::exp(head.logit(t, view.age, dot(row, key)) - weighed.log_total[scalar]);
      const Real weight = view.look * unmasked;
      Real g[kSize];
      load(g, d_out + at, block.size);
      Real d_weight = dot(g, value) - to.delta[scalar];
      if (weighed.reach) d_weight += of_reach * head.log_from(2, view.age);
      add(d_value, weight, g);
      add(d_key, weight * d_weight * shrink, row);
      if (to.span && view.mask < 1)  // no rule has spans of both kinds: the head's mask is 1
        d_span += unmasked * d_weight * block.ramp.slope(span, Real(view.age));
    }
    store(to.key + head.at(slot.row), d_key, block.size);
    store(to.value + head.at(slot.row), d_value, block.size);
  }
  if (!to.span) return;  // all of them
  spans[head.head][lane] = d_span;
  __syncthreads();
  if (!here || head.head > 0) return;
  for (int h = 1; h < block.heads; ++h) d_span += spans[h][lane];
  to.span[slot.row] = d_span;
}

}  // namespace

template <class Real>
void backward(const Block<Real>& block, const Weighed<Real>& weighed, const Real* d_out, const Real* d_charge,
              const Real* d_reach, const Gradients<Real>& to, void* stream) {
  by_size(block, [&](auto size) {
    launch(&backward_queries_kernel<Real, size>, tiles_of_queries(block, 1), kWarp * block.heads, stream, block,
           weighed, d_out, d_reach, to);
    launch(&backward_slots_kernel<Real, size>, tiles_of_slots(block), kWarp * block.heads, stream, block, weighed,
           d_out, d_charge, d_reach, to);
  });
}

template void backward(const Block<float>&, const Weighed<float>&, const float*, const float*, const float*,
                       const Gradients<float>&, void*);
template void backward(const Block<double>&, const Weighed<double>&, const double*, const double*, const double*,
                       const Gradients<double>&, void*);

}  // namespace wane::device
