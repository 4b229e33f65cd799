#pragma once
// The threads of a warp. For nvcc.

namespace wane::device {

inline constexpr int kWarp = 32;
inline constexpr unsigned kAllLanes = 0xffffffff;

/// The sum over a warp, all of whose threads come.
template <class Number>
__device__ Number sum_over_warp(Number number) {
  for (int other = 1; other < kWarp; other *= 2) number += __shfl_xor_sync(kAllLanes, number, other);
  return number;
}

}  // namespace wane::device
