#pragma once
// Worlds that are wrong on purpose, one fault each, and a right one that uses what no registered world does (floats,
// all kinds of settings, draws while it steps).

#include <span>

#include "envs/wane_world.h"

namespace wane {

const WaneWorldV1& probe_world();        // right
const WaneWorldV1& throwing_world();     // its step throws from the 3rd step on
const WaneWorldV1& uncreatable_world();  // its spec is out of bounds

struct BrokenWorld {
  const WaneWorldV1* world;
  const char* caught_by;  // name of the check
};
std::span<const BrokenWorld> broken_worlds();

}  // namespace wane
