#pragma once
// What a query of one head sees of a slot, and how the kernels of span attention are started. Two shapes of them: a
// thread, or a team of them, per query and head that walks over the slots, and a thread per slot and head that walks
// over the queries, so that each sum has one owner. For nvcc.

#include <cmath>
#include <limits>
#include <type_traits>

#include "configs/device_launch.h"
#include "configs/error.h"
#include "memory/device_block.h"
#include "memory/device_rows.h"
#include "memory/device_warp.h"

namespace wane::device {

/// A slot as a query of one head sees it.
template <class Real>
struct View {
  std::int32_t age;
  Real mask, look;  // the slot's, times the head's; 0 where it is not seen
};

/// One head of one environment.
template <class Real>
struct Head {
  const Block<Real>& block;
  int env, head;

  /// In blocks of threads for (environment, any tile), with a warp per head.
  __device__ static Head of(const Block<Real>& block) { return {block, int(blockIdx.x), int(threadIdx.x) / kWarp}; }

  __device__ Real of(const Real* per_head) const { return per_head ? per_head[head] : Real(0); }
  __device__ std::int64_t query_at(int t) const { return std::int64_t(env) * block.queries + t; }
  __device__ std::int64_t at(std::int64_t row) const {  // of this head's numbers in a table of width D
    return row * block.heads * block.size + head * block.size;
  }
  __device__ std::int64_t scalar_at(int t) const { return query_at(t) * block.heads + head; }
  __device__ std::int64_t near_at(int t) const {
    return ((std::int64_t(head) * block.envs + env) * block.queries + t) * block.window;
  }

  __device__ bool fades(int c) const { return block.span && !block.stays[c]; }

  __device__ View<Real> view(int c, const Candidate& slot, const Asker& asker) const {
    View<Real> view{asker.step - slot.birth, 0, 0};
    if (view.age < 0 || view.age >= slot.death_age || view.age > block.greatest_age || slot.episode != asker.episode)
      return view;
    view.mask = fades(c) ? block.ramp.mask(block.span[slot.row], Real(view.age)) : Real(1);
    view.look = block.head_span ? view.mask * block.ramp.mask(block.head_span[head], Real(view.age)) : view.mask;
    return view;
  }

  __device__ static Real log_from(Real from, std::int32_t age) { return std::log(std::max(Real(1), (1 + age) / from)); }

  /// The logit of a slot at `age`, from the product of query and key.
  __device__ Real logit(int t, std::int32_t age, Real product) const {
    if (age < block.window) product += block.near[near_at(t) + age];
    const Real slope = of(block.slope);
    product /= std::sqrt(Real(block.size));
    return slope != 0 ? product - slope * log_from(block.slope_from, age) : product;
  }
};

/// Lanes of a warp side by side: `team` of them share a query's slots, the next team has the next query.
struct Walk {
  int query, part;

  __device__ static Walk of(int team) {
    const int lane = threadIdx.x % kWarp;
    return {int(blockIdx.y) * (kWarp / team) + lane / team, lane % team};
  }
};

/// What a lane does where each has a slot, in blocks of (environment, tile of slots) with a warp per head.
struct Tenant {
  bool idle;  // so are all threads of the block
  bool here;  // else the lane has no slot, and comes along for the others
  Candidate slot;
  int at, lane;  // which candidate

  template <class Real>
  __device__ static Tenant of(const Head<Real>& head) {
    const int lane = threadIdx.x % kWarp, first = head.block.first[head.env] + int(blockIdx.y) * kWarp,
              end = head.block.end[head.env];
    const bool here = first + lane < end;
    return {first >= end, here, here ? head.block.candidate[first + lane] : Candidate{}, first + lane, lane};
  }
};

/// body(std::integral_constant<int, n>) of the least n at hand that holds a head.
template <class Real, class Body>
void by_size(const Block<Real>& block, const Body& body) {
  check(fits<Real>(block.heads, block.size), "the kernels' heads are smaller, and fewer");
  if (block.size <= 8) return body(std::integral_constant<int, 8>());
  if constexpr (fits<Real>(1, 64)) {
    if (block.size <= 16) return body(std::integral_constant<int, 16>());
    if (block.size <= 32) return body(std::integral_constant<int, 32>());
    body(std::integral_constant<int, 64>());
  }
}

inline unsigned tiles(int of) { return unsigned((of + kWarp - 1) / kWarp); }

template <class Real>
dim3 tiles_of_queries(const Block<Real>& block, int team) {
  return {unsigned(block.envs), tiles(block.queries * team)};
}
template <class Real>
dim3 tiles_of_slots(const Block<Real>& block) {
  return {unsigned(block.envs), tiles(block.most)};
}

}  // namespace wane::device
