#pragma once
// Range<T>: what a world draws from once per episode, both ends included. Installed; std only.
//
//   Range<int> length{3, 200};
//   rng.uniform(length.scaled(difficulty))   // difficulty 0.1: 3..20

namespace wane {

template <class T>
struct Range {
  T lo{};
  T hi{};  // itself allowed, >= lo

  /// The easier part of the range: `lo` stays, `hi` becomes round(hi * difficulty), at least `lo`. Difficulty is 0..1,
  /// and 1 gives the range itself. For ranges of amounts (hi >= 0, |hi| < 2^28): then the product is exact in double,
  /// and the answer is the same on every platform, fused multiply-add or not.
  constexpr Range scaled(float difficulty) const {
    const double exact = static_cast<double>(hi) * static_cast<double>(difficulty);
    const T top = static_cast<T>(T(0.5) == T(0) ? exact + 0.5 : exact);
    return {lo, top < lo ? lo : top};
  }
};

}  // namespace wane
