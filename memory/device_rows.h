#pragma once
// Rows of kSize numbers in a thread's registers. For nvcc.

#include <cstddef>

namespace wane::device {

/// body(i), i = 0, step, .. under n: unrolled, so that what it indexes can stand in registers.
template <int n, int step = 1, class Body>
__device__ void unrolled(const Body& body) {
#pragma unroll
  for (int i = 0; i < n; i += step) body(i);
}

/// Row of `size` numbers into registers, the rest 0.
template <int kSize, class Real>
__device__ void load(Real (&to)[kSize], const Real* from, int size) {
  struct alignas(16) Piece {
    Real number[16 / sizeof(Real)];
  };
  constexpr int kPiece = 16 / sizeof(Real);
  if (size == kSize) {
    unrolled<kSize, kPiece>([&](int i) {
      const Piece piece = *reinterpret_cast<const Piece*>(from + i);
      unrolled<kPiece>([&](int j) { to[i + j] = piece.number[j]; });
    });
  } else {
    unrolled<kSize>([&](int i) { to[i] = i < size ? from[i] : 0; });
  }
}

template <int kSize, class Real>
__device__ void store(Real* to, const Real (&from)[kSize], int size) {
  unrolled<kSize>([&](int i) {
    if (i < size) to[i] = from[i];
  });
}

template <int kSize, class Real>
__device__ Real dot(const Real (&a)[kSize], const Real (&b)[kSize]) {
  Real sum = 0;
  unrolled<kSize>([&](int i) { sum += a[i] * b[i]; });
  return sum;
}

template <int kSize, class Real>
__device__ void add(Real (&to)[kSize], Real factor, const Real (&row)[kSize]) {
  unrolled<kSize>([&](int i) { to[i] += factor * row[i]; });
}

template <int kSize, class Real>
__device__ void scale(Real (&row)[kSize], Real factor) {
  unrolled<kSize>([&](int i) { row[i] *= factor; });
}

}  // namespace wane::device
