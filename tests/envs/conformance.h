#pragma once
// What every world must hold, with no world's own code in it. Each check plays through the public interface and
// returns what is wrong, or "" when nothing is: so that the tests can also show that a broken world is caught.

#include <string>
#include <vector>

#include "envs/wane_world.h"
#include "play.h"

namespace wane::conformance {

struct Check {
  const char* name;
  std::string (*run)(const WaneWorldV1&, const Values&);
  bool at_every_setting;  // else at the defaults alone: it says nothing more elsewhere, or takes too long there
};

/// Every check, by name.
const std::vector<Check>& checks();

/// Defaults, then each setting alone at its least and at its most.
std::vector<Values> settings_to_try(const WaneWorldV1&);

/// Runs pieces on `count` threads of its own.
Parallel on_threads(int count);

}  // namespace wane::conformance
