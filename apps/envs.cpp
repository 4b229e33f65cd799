#include <fmt/format.h>

#include <cstdio>

#include "apps/commands.h"
#include "envs/registry.h"

namespace wane {

int envs(const std::string& name) {
  if (name.empty()) {
    for (const WaneWorldV1* world : worlds()) fmt::print("{:<12} {}\n", world->id, world->summary);
    fmt::print("\nwane envs WORLD shows a world's settings.\n");
    return 0;
  }
  const WaneWorldV1& world = find_world(name);
  fmt::print("{}: {}\n\n", world.id, world.summary);
  return 0;
}

}  // namespace wane
