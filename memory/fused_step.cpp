#include "memory/fused_step.h"

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "memory/timed.h"
#include "memory/vector.h"

namespace wane::fused {
namespace {

constexpr int kTile = 256;  // slots

/// dots[i] = a . rows[i], i < n, for vectors of d numbers; `dots` has room for n rounded up to whole vectors.
template <class Real, class RowAt>
void dot_rows(const Real* a, int d, int n, const RowAt& row, Real* dots) {
  constexpr int lanes = kLanes<Real>;
  if (d % lanes != 0) {
    for (int i = 0; i < n; ++i) {
      const auto* b = row(i);
      Real sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int j = 0; j < d; ++j) sum += a[j] * Real(b[j]);
      dots[i] = sum;
    }
    return;
  }
  for (int first = 0; first < n; first += lanes) {
    Vector<Real> products[lanes];
    for (int i = 0; i < lanes; ++i) {
      const auto* b = row(std::min(first + i, n - 1));
      products[i] = load(a) * load(b);
      for (int j = lanes; j < d; j += lanes) products[i] += load(a + j) * load(b + j);
    }
    store(sums_of_each<Real>(products), dots + first);
  }
}

/// to[j] += sum over i < n of weight[i] rows[i][j], j < d. Rows are read in order, once.
template <class Real, class RowAt>
void add_rows(const Real* weight, int d, int n, const RowAt& row, Real* to) {
  constexpr int lanes = kLanes<Real>, sums = 4;
  if (d % lanes != 0) {
    for (int i = 0; i < n; ++i) {
      const auto* v = row(i);
      for (int j = 0; j < d; ++j) to[j] += weight[i] * Real(v[j]);
    }
    return;
  }
  for (int j = 0; j < d; j += lanes) {
    Vector<Real> sum[sums] = {};
    int i = 0;
    for (; i + sums <= n; i += sums) {
      for (int k = 0; k < sums; ++k) sum[k] += weight[i + k] * load(row(i + k) + j);
    }
    for (; i < n; ++i) sum[0] += weight[i] * load(row(i) + j);
    store(load(to + j) + ((sum[0] + sum[1]) + (sum[2] + sum[3])), to + j);
  }
}

template <class Real>
struct Scratch {
  std::vector<Real> near, logits, log_age, look, top, total;
  std::vector<Real> shares, tops;  // where slots are paid: (H, n) exp(l - top of its tile), (H, tiles)
};

}  // namespace

template <class Real, class Stored>
void step_forward(const Query<Real, Stored>& q, Real* out) {
  using Array = Eigen::Map<Eigen::Array<Real, Eigen::Dynamic, 1>>;
  const Timed timed(Work::attention);
  thread_local Scratch<Real> scratch;
  const Heads<Real>& heads = q.heads;
  const int H = heads.heads, d = heads.size, D = heads.width(), P = heads.window;
  const Real scale = 1 / std::sqrt(Real(d));
  const int room = P + kLanes<Real>;
  scratch.near.resize(std::size_t(H) * room);
  scratch.logits.resize(std::size_t(H) * kTile);
  scratch.log_age.resize(kTile);
  scratch.look.resize(kTile);
  scratch.top.assign(H, std::numeric_limits<Real>::lowest());
  scratch.total.assign(H, 0);
  Real *const top = scratch.top.data(), *const total = scratch.total.data();
  for (int h = 0; h < H; ++h) {
    dot_rows(
        q.query + h * d, d, P, [&](int age) { return heads.position + (std::size_t(h) * P + age) * d; },
        scratch.near.data() + h * room);
    if (!heads.null_logit) continue;
    top[h] = heads.null_logit[h];
    total[h] = 1;
  }
  std::fill(out, out + D, Real(0));
  const int tiles = (q.slots + kTile - 1) / kTile;
  if (q.paid) {
    scratch.shares.resize(std::size_t(H) * q.slots);
    scratch.tops.resize(std::size_t(H) * tiles);
    std::fill_n(q.paid, q.slots, Real(0));
  }
  for (int first = 0; first < q.slots; first += kTile) {
    const int n = std::min(kTile, q.slots - first);
    const std::int32_t *const row = q.row + first, *const age = q.age + first;
    /// A head's part of the i-th slot's row; the same of the next tile is on its way from memory meanwhile.
    const auto part = [&](const Stored* table, int h, int i) {
      __builtin_prefetch(table + std::size_t(q.row[std::min(first + kTile + i, q.slots - 1)]) * D + h * d);
      return table + std::size_t(row[i]) * D + h * d;
    };
    if (heads.slope) {
      for (int i = 0; i < n; ++i) scratch.log_age[i] = std::max(Real(1), (Real(age[i]) + 1) / heads.slope_from);
      log_of(scratch.log_age.data(), n);
    }
    for (int h = 0; h < H; ++h) {
      Real* const logits = scratch.logits.data() + h * kTile;
      const Real* const near = scratch.near.data() + h * room;
      dot_rows(
          q.query + h * d, d, n, [&](int i) { return part(q.key, h, i); }, logits);
      for (int i = 0; i < n; ++i) {
        if (age[i] < P) logits[i] += near[age[i]];
      }
      Array tile(logits, n);
      tile *= scale;
      for (int i = 0; heads.slope && i < n; ++i) logits[i] -= heads.slope[h] * scratch.log_age[i];
      Real* const look = scratch.look.data();
      for (int i = 0; heads.span && i < n; ++i) {
        look[i] = heads.ramp.mask(heads.span[h], Real(age[i]));
        if (look[i] == 0) logits[i] = Real(kInvisible);
      }
      const Real highest = std::max(top[h], tile.maxCoeff());
      const Real shrink = top[h] == std::numeric_limits<Real>::lowest() ? 0 : std::exp(top[h] - highest);
      top[h] = highest;
      exp_of(logits, n, highest);
      if (q.mask) tile *= Eigen::Map<const Eigen::Array<Real, Eigen::Dynamic, 1>>(q.mask + first, n);
      if (heads.span) tile *= Array(look, n);
      if (q.paid) {
        std::copy_n(logits, n, scratch.shares.data() + std::size_t(h) * q.slots + first);
        scratch.tops[h * tiles + first / kTile] = highest;
      }
      total[h] = total[h] * shrink + sum_of(logits, n);
      if (first > 0) {
        for (int j = 0; j < d; ++j) out[h * d + j] *= shrink;
      }
      add_rows(
          logits, d, n, [&](int i) { return part(q.value, h, i); }, out + h * d);
    }
  }
  for (int h = 0; h < H; ++h) {
    const Real share = 1 / total[h];
    for (int j = 0; j < d; ++j) out[h * d + j] *= share;
    for (int i = 0; q.paid && i < q.slots; ++i) {
      const Real weight = scratch.shares[std::size_t(h) * q.slots + i] * share;
      q.paid[i] += weight * std::exp(scratch.tops[h * tiles + i / kTile] - top[h]);
    }
  }
}

template void step_forward(const Query<float>&, float*);
template void step_forward(const Query<float, c10::BFloat16>&, float*);
template void step_forward(const Query<double>&, double*);

}  // namespace wane::fused
