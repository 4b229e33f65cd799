#include "memory/fused_step.h"

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "memory/timed.h"
#include "memory/vector.h"

namespace wane::fused {
namespace {

constexpr int kTile = 256;  // slots
constexpr int kAhead = 16;  // slots: so long before its turn a row is fetched

/// f<Lanes>() with the most lanes that divide d.
template <class Real, int Lanes = kLanes<Real>, class Function>
void with_lanes(int d, const Function& f) {
  if constexpr (Lanes > 1) {
    if (d % Lanes != 0) return with_lanes<Real, Lanes / 2>(d, f);
  }
  f.template operator()<Lanes>();
}

/// dots[h][i] = a[h] . row(i)[h], i < n, for heads of d numbers. Rows are read in order, once. A head's `room` in dots
/// holds n rounded up to whole vectors.
template <class Real, class RowAt>
void dot_rows(const Real* a, int heads, int d, int n, const RowAt& row, Real* dots, int room) {
  with_lanes<Real>(d, [&]<int Lanes>() {
    for (int first = 0; first < n; first += Lanes) {
      decltype(row(0)) rows[Lanes];
      for (int i = 0; i < Lanes; ++i) rows[i] = row(std::min(first + i, n - 1));
      for (int h = 0; h < heads; ++h) {
        Vector<Real, Lanes> products[Lanes] = {};
        for (int j = h * d; j < (h + 1) * d; j += Lanes) {
          const auto part = load<Lanes>(a + j);
          for (int i = 0; i < Lanes; ++i) products[i] += part * load<Lanes>(rows[i] + j);
        }
        store(sums_of_each(products), dots + h * room + first);
      }
    }
  });
}

/// to[h] += sum over i < n of weights[h][i] row(i)[h], for heads of d numbers. Rows are read in order, once.
template <class Real, class RowAt>
void add_rows(const Real* weights, int room, int heads, int d, int n, const RowAt& row, Real* to) {
  with_lanes<Real>(d, [&]<int Lanes>() {
    for (int first = 0; first < n; first += 4) {
      decltype(row(0)) rows[4];
      for (int i = 0; i < 4; ++i) rows[i] = row(std::min(first + i, n - 1));
      for (int h = 0; h < heads; ++h) {
        Real w[4] = {};
        std::copy_n(weights + h * room + first, std::min(4, n - first), w);
        for (int j = h * d; j < (h + 1) * d; j += Lanes) {
          const auto part = [&](int i) { return w[i] * load<Lanes>(rows[i] + j); };
          store(load<Lanes>(to + j) + ((part(0) + part(1)) + (part(2) + part(3))), to + j);
        }
      }
    }
  });
}

template <class Real>
struct Scratch {
  std::vector<Real> near, logits, log_age, look, top, total;
  std::vector<int> young;          // slots of a tile whose age has a position
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
        q.query + h * d, 1, d, P, [&](int age) { return heads.position + (std::size_t(h) * P + age) * d; },
        scratch.near.data() + h * room, room);
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
    /// The i-th slot's row; a later one is on its way from memory meanwhile.
    const auto row_of = [&](const Stored* table, int i) {
      const Stored* const ahead = table + std::size_t(q.row[std::min(first + i + kAhead, q.slots - 1)]) * D;
      for (int j = 0; j < D; j += 64 / int(sizeof(Stored))) __builtin_prefetch(ahead + j);
      return table + std::size_t(row[i]) * D;
    };
    if (heads.slope) {
      for (int i = 0; i < n; ++i) scratch.log_age[i] = std::max(Real(1), (Real(age[i]) + 1) / heads.slope_from);
      log_of(scratch.log_age.data(), n);
    }
    scratch.young.clear();
    for (int i = 0; i < n; ++i) {
      if (age[i] < P) scratch.young.push_back(i);
    }
    dot_rows(
        q.query, H, d, n, [&](int i) { return row_of(q.key, i); }, scratch.logits.data(), kTile);
    for (int h = 0; h < H; ++h) {
      Real* const logits = scratch.logits.data() + h * kTile;
      const Real* const near = scratch.near.data() + h * room;
      for (const int i : scratch.young) logits[i] += near[age[i]];
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
    }
    add_rows(
        scratch.logits.data(), kTile, H, d, n, [&](int i) { return row_of(q.value, i); }, out);
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
