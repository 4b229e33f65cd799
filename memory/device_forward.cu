// Span attention on a GPU, forward; and what its slots were needed for and are charged.

#include "memory/device_head.h"

namespace wane::device {
namespace {

/// Blocks: (environment, tile of queries); a warp per head.
template <class Real, int kSize>
__global__ void __launch_bounds__(kWarp* most_heads(kSize))
    forward_kernel(Block<Real> block, Weighed<Real> to, int team) {
  const Walk walk = Walk::of(team);
  const auto head = Head<Real>::of(block);
  const bool asks = walk.query < block.queries;
  Real top = std::numeric_limits<Real>::lowest(), total = 0, reach = 0, slots = 0;
  Real out[kSize] = {}, query[kSize], row[kSize];
  if (asks) {
    load(query, block.query + head.at(head.query_at(walk.query)), block.size);
    const Asker asker = block.asker[head.query_at(walk.query)];
    const int end = block.end[head.env];
    for (int c = block.first[head.env] + walk.part; c < end; c += team) {
      const Candidate slot = block.candidate[c];
      const View<Real> view = head.view(c, slot, asker);
      slots += view.mask > 0;
      if (view.look <= 0) continue;
      load(row, block.key + head.at(slot.row), block.size);
      const Real logit = head.logit(walk.query, view.age, dot(query, row));
      if (logit > top) {
        const Real less = std::exp(top - logit);
        top = logit;
        total *= less;
        reach *= less;
        scale(out, less);
      }
      const Real weight = view.look * std::exp(logit - top);
      total += weight;
      if (to.reach) reach += weight * head.log_from(2, view.age);
      load(row, block.value + head.at(slot.row), block.size);
      add(out, weight, row);
    }
  }
  for (int other = 1; other < team; other *= 2) {  // all lanes, or none of them
    const Real their_top = __shfl_xor_sync(kAllLanes, top, other), greater = std::max(top, their_top);
    const Real mine = std::exp(top - greater), theirs = std::exp(their_top - greater);
    const auto join = [&](Real& sum) { sum = sum * mine + __shfl_xor_sync(kAllLanes, sum, other) * theirs; };
    join(total);
    join(reach);
    unrolled<kSize>([&](int i) { join(out[i]); });
    slots += __shfl_xor_sync(kAllLanes, slots, other);
    top = greater;
  }
  if (!asks || walk.part > 0) return;
  if (block.null_logit) {
    const Real null = block.null_logit[head.head], greater = std::max(top, null), mine = std::exp(top - greater);
    total = total * mine + std::exp(null - greater);
    reach *= mine;
    scale(out, mine);
    top = greater;
  }
  scale(out, 1 / total);
  store(to.out + head.at(head.query_at(walk.query)), out, block.size);
  to.log_total[head.scalar_at(walk.query)] = top + std::log(total);
  if (to.reach) to.reach[head.scalar_at(walk.query)] = reach / total;
  if (to.slots && head.head == 0) to.slots[head.query_at(walk.query)] = slots + (block.null_logit ? 1 : 0);
}

/// Blocks: (environment, tile of slots); a warp per head, a lane per slot.
template <class Real, int kSize>
__global__ void __launch_bounds__(kWarp* most_heads(kSize))
    need_kernel(Block<Real> block, Weighed<Real> weighed, Needed<Real> to) {
  constexpr int kAtOnce = 8;  // queries, between two meetings of the heads
  __shared__ Real weights[kAtOnce][most_heads(kSize)][kWarp];
  const auto head = Head<Real>::of(block);
  const auto [idle, here, slot, c, lane] = Tenant::of(head);
  if (idle) return;
  const bool sums = here && head.head == 0;
  Real key[kSize] = {}, query[kSize], need = 0, gradient = 0, charge = 0;
  if (here && to.need) load(key, block.key + head.at(slot.row), block.size);
  const Real log_span = here && to.need ? block.log_span[slot.row] : Real(0);
  for (int first = 0; first < block.queries; first += kAtOnce) {
    const int count = std::min(kAtOnce, block.queries - first);
    for (int i = 0; i < count; ++i) {
      const int t = first + i;
      const View<Real> view = here ? head.view(c, slot, block.asker[head.query_at(t)]) : View<Real>{0, 0, 0};
      if (sums && view.mask > 0 && view.mask < 1) {
        const Real span = block.span[slot.row];
        charge += span / block.ramp.length(span);
      }
      if (!to.need) continue;
      load(query, block.query + head.at(head.query_at(t)), block.size);
      weights[i][head.head][lane] =
          view.look > 0
              ? view.look * std::exp(head.logit(t, view.age, dot(query, key)) - weighed.log_total[head.scalar_at(t)])
              : Real(0);
    }
    if (!to.need) continue;
    __syncthreads();
    for (int i = 0; sums && i < count; ++i) {
      Real greatest = 0;
      for (int h = 0; h < block.heads; ++h) greatest = std::max(greatest, weights[i][h][lane]);
      const Real above = greatest - block.need.share(weighed.slots[head.query_at(first + i)]);
      if (above <= 0) continue;
      const std::int32_t age = block.asker[head.query_at(first + i)].step - slot.birth;
      const Real missing = std::log(Real(block.need.margin) * age + 1) - log_span;
      if (missing <= 0) continue;
      need += above * above * missing;
      gradient -= above * above;
    }
    __syncthreads();
  }
  if (!sums) return;
  if (to.charge) to.charge[slot.row] = charge;
  if (!to.need) return;
  to.need[slot.row] = need;
  to.need_gradient[slot.row] = gradient;
}

}  // namespace

bool usable(bool on_host) { return on_host == kEmulated && can_launch(); }

template <class Real>
void forward(const Block<Real>& block, const Weighed<Real>& to, void* stream) {
  int team = 1;
  while (team < kWarp && team * block.queries < kWarp) team *= 2;
  by_size(block, [&](auto size) {
    launch(&forward_kernel<Real, size>, tiles_of_queries(block, team), kWarp * block.heads, stream, block, to, team);
  });
}

template <class Real>
void need(const Block<Real>& block, const Weighed<Real>& weighed, const Needed<Real>& to, void* stream) {
  by_size(block, [&](auto size) {
    launch(&need_kernel<Real, size>, tiles_of_slots(block), kWarp * block.heads, stream, block, weighed, to);
  });
}

template void forward(const Block<float>&, const Weighed<float>&, void*);
template void forward(const Block<double>&, const Weighed<double>&, void*);
template void need(const Block<float>&, const Weighed<float>&, const Needed<float>&, void*);
template void need(const Block<double>&, const Weighed<double>&, const Needed<double>&, void*);

}  // namespace wane::device
