#pragma once
// How long a slot lives, as a rule of retention has it now. Plain numbers, for CPU and GPU.
//
//   const Lifetime lifetime = rule.lifetime();
//   lifetime.death_age(span)   // the slot is alive while age < death_age, in steps

#include <limits>

#include "memory/span_mask.h"

namespace wane {

struct Lifetime {
  Ramp ramp = {};                                        // of rules whose slots have spans
  double top = std::numeric_limits<double>::infinity();  // steps; see `stays`
  std::int32_t death = 0, fade = kNever;                 // of every slot, where they have none: death > 0

  /// `span` is ignored where slots have none.
  constexpr std::int32_t death_age(double span) const { return death > 0 ? death : ramp.death_age(span); }

  /// The first age in whole steps at which a mask is under 1; never, but where something fades.
  constexpr std::int32_t fade_age(double span) const {
    if (death > 0) return fade;
    return span < kNever ? static_cast<std::int32_t>(span) + 1 : kNever;
  }

  /// Born at the top, it stays until the episode ends: mask 1 for good (expire_span.md §1.3 keep_at_top).
  constexpr bool stays(double span) const { return death == 0 && span >= top; }
};

}  // namespace wane
