#pragma once
// The soft mask of a slot, and the one integer that decides its life (expire_span.md §1.3, §1.6; paper eq. 4).
//
//   Ramp ramp{.steps = 16};
//   ramp.mask(span, age)      // 1 up to age = span, falling to 0 at age = span + ramp
//   ramp.death_age(span)      // a slot is alive while age < death_age
//
// Spans, ages and ramps are in steps of one environment. Nothing here is a tensor: the attention kernels inline it.

#include <algorithm>
#include <cstdint>

namespace wane {

/// Older than any run: what a slot that never expires dies of.
inline constexpr std::int32_t kNever = 2'000'000'000;

struct Ramp {
  double steps = 0;  // R; 0 = proportional to the span, R = e/4 + 2

  template <class Real>
  constexpr Real length(Real span) const {
    return steps > 0 ? static_cast<Real>(steps) : span / 4 + 2;
  }

  template <class Real>
  constexpr Real mask(Real span, Real age) const {
    return std::clamp(1 + (span - age) / length(span), Real(0), Real(1));
  }

  /// d mask / d span on the ramp, 0 < mask < 1; elsewhere the mask does not depend on the span.
  template <class Real>
  constexpr Real slope(Real span, Real age) const {
    const Real r = length(span);
    return steps > 0 ? 1 / r : (2 + age / 4) / (r * r);
  }

  /// The first age in whole steps at which the mask is 0. At least 1: a query always sees its own step.
  constexpr std::int32_t death_age(double span) const {
    const double end = std::clamp(span + length(span), 1.0, double(kNever));
    const auto whole = static_cast<std::int32_t>(end);
    return whole + (whole < end);
  }
};

}  // namespace wane
