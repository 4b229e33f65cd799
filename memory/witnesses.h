#pragma once
// Environments of a training in which forgetting is put off (`expire_span.witnesses`).
//
// What has been forgotten cannot be attended to, so attention cannot ask for it back. Witnesses hold what the others
// have let go of: there need goes on being seen, and the skill of reading it goes on being practised.

#include <cstdint>

#include "memory/span_mask.h"

namespace wane {

/// Environments from `first` on forget nothing, and let nothing fade, before `age` steps, whatever its span. They have
/// room for all of it, and are not counted.
struct Witnesses {
  std::int32_t first = kNever, age = 0;
  constexpr bool has(std::int32_t lane) const { return lane >= first; }
};

}  // namespace wane
