#pragma once
// The portable vector layer of the attention kernels: what the compiler's own loops do not do well, sums across lanes.
//
//   Vector<float, 8> products[8];                      // one vector of products per slot
//   Vector<float, 8> sums = sums_of_each(products);    // lane i: the sum of products[i]
//
// As wide as the machine's at most: GCC splits wider ones by way of the stack. `exp_of` and `log_of` are Eigen's,
// whose own loops leave an array's ends to scalar code, from the address on that suits them: other bits.

#include <c10/util/BFloat16.h>

#include <Eigen/Core>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace wane {

#if defined(__AVX512F__)
inline constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
inline constexpr int kVectorBytes = 32;
#else
inline constexpr int kVectorBytes = 16;
#endif

/// The most numbers of a vector.
template <class Real>
inline constexpr int kLanes = kVectorBytes / sizeof(Real);

template <class Real, int Lanes>
struct VectorOf {
  typedef Real Type __attribute__((vector_size(Lanes * sizeof(Real))));
};
template <class Real, int Lanes>
using Vector = typename VectorOf<Real, Lanes>::Type;

template <int Lanes, std::floating_point Real>
inline Vector<Real, Lanes> load(const Real* from) {
  Vector<Real, Lanes> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

/// Numbers kept in half the bits: a bfloat16 is the upper half of a float.
template <int Lanes>
inline Vector<float, Lanes> load(const c10::BFloat16* from) {
  Vector<std::uint16_t, Lanes> halves;
  std::memcpy(&halves, from, sizeof halves);
  return std::bit_cast<Vector<float, Lanes>>(__builtin_convertvector(halves, Vector<std::uint32_t, Lanes>) << 16);
}

template <class V, class Real>
inline void store(const V& v, Real* to) {
  std::memcpy(to, &v, sizeof v);
}

/// Lanes whose bit `Bit` is 0 hold pair sums of a, the others pair sums of b.
template <int Bit, class V, std::size_t... I>
inline V pair_sums(const V& a, const V& b, std::index_sequence<I...>) {
  constexpr int n = sizeof...(I);
  return __builtin_shufflevector(a, b, (I & Bit ? int(I) + n : int(I))...) +
         __builtin_shufflevector(a, b, (I & Bit ? int(I ^ Bit) + n : int(I ^ Bit))...);
}

/// v: as many vectors as each has lanes.
template <int Bit = 1, class V>
inline V sums_of_each(V* v) {
  constexpr int n = sizeof(V) / sizeof(V{}[0]);
  if constexpr (Bit == n) {
    return v[0];
  } else {
    for (int i = 0; i < n / Bit; i += 2) v[i / 2] = pair_sums<Bit>(v[i], v[i + 1], std::make_index_sequence<n>());
    return sums_of_each<2 * Bit>(v);
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
