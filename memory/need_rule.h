#pragma once

#include <algorithm>

namespace wane {

/// What the usage learner calls need (recipes.md §3).
struct NeedRule {
  double margin = 1.3;     // a slot must outlive the age at which it was attended to by this factor
  double even_share = 2;   // attention under even_share / slots is no need,
  double least_share = 0;  // nor is attention under this
  bool reach = false;      // whether AttentionOutput::reach is wanted
  template <class Real>
  constexpr Real share(Real slots) const {
    return std::max(Real(even_share) / slots, Real(least_share));
  }
};

}  // namespace wane
