#pragma once
// The portable vector layer of the attention kernels: what the compiler's own loops do not do well, sums across lanes.
//
//   Vector<float> products[kLanes<float>];             // one vector of products per slot
//   Vector<float> sums = sums_of_each(products);       // lane i: the sum of products[i]
//
// 64 bytes wide everywhere: the compiler splits a vector where the machine's are narrower. `exp_of` and `log_of`
// are Eigen's, whose own loops leave an array's ends to scalar code, from the address on that suits them: other bits.

#include <c10/util/BFloat16.h>

#include <Eigen/Core>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace wane {

template <class Real>
inline constexpr int kLanes = 64 / sizeof(Real);

template <class Real>
struct VectorOf {
  typedef Real Type __attribute__((vector_size(64)));
};
template <class Real>
using Vector = typename VectorOf<Real>::Type;

template <class Real>
inline Vector<Real> load(const Real* from) {
  Vector<Real> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

/// Numbers kept in half the bits: a bfloat16 is the upper half of a float.
inline Vector<float> load(const c10::BFloat16* from) {
  using Halves = std::uint16_t __attribute__((vector_size(32)));
  using Words = std::uint32_t __attribute__((vector_size(64)));
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  return std::bit_cast<Vector<float>>(__builtin_convertvector(halves, Words) << 16);
}

template <class Real>
inline void store(const Vector<Real>& v, Real* to) {
  std::memcpy(to, &v, sizeof v);
}

/// Lanes whose bit `Bit` is 0 hold pair sums of a, the others pair sums of b.
template <class Real, int Bit, std::size_t... I>
inline Vector<Real> pair_sums(const Vector<Real>& a, const Vector<Real>& b, std::index_sequence<I...>) {
  constexpr int n = kLanes<Real>;
  return __builtin_shufflevector(a, b, (I & Bit ? int(I) + n : int(I))...) +
         __builtin_shufflevector(a, b, (I & Bit ? int(I ^ Bit) + n : int(I ^ Bit))...);
}

template <class Real, int Bit = 1>
inline Vector<Real> sums_of_each(Vector<Real>* v) {
  if constexpr (Bit == kLanes<Real>) {
    return v[0];
  } else {
    for (int i = 0; i < kLanes<Real> / Bit; i += 2)
      v[i / 2] = pair_sums<Real, Bit>(v[i], v[i + 1], std::make_index_sequence<kLanes<Real>>());
    return sums_of_each<Real, 2 * Bit>(v);
  }
}

/// The sum of n numbers, in an order that does not depend on where they stand: Eigen's own sum begins at an address.
template <class Real>
inline Real sum_of(const Real* x, std::int64_t n) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

/// x[i] = f of it, i < n, where f takes Eigen's packets. The ends go through f too: the same bits wherever x stands.
template <class Real, class Function>
inline void by_packets(Real* x, int n, const Function& f) {
  using Packet = typename Eigen::internal::packet_traits<Real>::type;
  constexpr int size = sizeof(Packet) / sizeof(Real);
  const auto at = [&f](Real* p) { Eigen::internal::pstoreu(p, f(Eigen::internal::ploadu<Packet>(p))); };
  int i = 0;
  for (; i + size <= n; i += size) at(x + i);
  if (i == n) return;
  Real rest[size] = {};
  std::copy(x + i, x + n, rest);
  at(rest);
  std::copy(rest, rest + (n - i), x + i);
}

/// x[i] = exp(x[i] - top), i < n.
template <class Real>
inline void exp_of(Real* x, int n, Real top) {
  using Packet = typename Eigen::internal::packet_traits<Real>::type;
  const Packet shift = Eigen::internal::pset1<Packet>(top);
  by_packets(x, n, [&](const Packet& p) { return Eigen::internal::pexp(Eigen::internal::psub(p, shift)); });
}

/// x[i] = ln(x[i]), i < n.
template <class Real>
inline void log_of(Real* x, int n) {
  by_packets(x, n, [](const auto& p) { return Eigen::internal::plog(p); });
}

}  // namespace wane
