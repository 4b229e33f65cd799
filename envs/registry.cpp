#include "envs/registry.h"

#include <string>
#include <vector>

#include "configs/error.h"
#include "configs/nearest.h"

// One row per world in the tree, in the order of `wane envs`.
// clang-format off
#define WANE_WORLDS(row) \
  row(Corridor)          \
  row(Portal)            \
  row(PortalWalk)        \
  row(Instruction)       \
  row(Switch)            \
  row(Count)             \
  row(Recall)            \
  row(TMaze)             \
  row(DoorKey)           \
  row(MiniGridMemory)    \
  row(Maze)
// clang-format on

#define WANE_DECLARE(Type) extern "C" const WaneWorldV1* wane_world_##Type();
WANE_WORLDS(WANE_DECLARE)
#ifdef WANE_CUDA
#define WANE_DECLARE_DEVICE(Type) extern "C" const WaneWorldV1* wane_device_world_##Type();
WANE_WORLDS(WANE_DECLARE_DEVICE)
#endif

namespace wane {
namespace {

std::vector<const WaneWorldV1*>& table() {
#define WANE_CALL(Type) wane_world_##Type(),
  static std::vector<const WaneWorldV1*> worlds = {WANE_WORLDS(WANE_CALL)};
  return worlds;
}

}  // namespace

std::span<const WaneWorldV1* const> worlds() { return table(); }

const WaneWorldV1* device_world([[maybe_unused]] std::string_view id) {
#ifdef WANE_CUDA
#define WANE_CALL_DEVICE(Type) wane_device_world_##Type(),
  for (const WaneWorldV1* world : {WANE_WORLDS(WANE_CALL_DEVICE)})
    if (id == world->id) return world;
#endif
  return nullptr;
}

void add_world(const WaneWorldV1& world) {
  for (const WaneWorldV1* known : worlds()) {
    if (known == &world) return;
    if (std::string_view(known->id) == world.id)
      throw Error("there is a world `" + std::string(world.id) + "` already; give this one another id");
  }
  table().push_back(&world);
}

const WaneWorldV1& find_world(std::string_view id) {
  std::vector<std::string_view> known;
  for (const WaneWorldV1* world : worlds()) {
    if (id == world->id) return *world;
    known.push_back(world->id);
  }
  std::string message = "there is no world `" + std::string(id) + "`";
  const std::string near = nearest(id, known);
  if (!near.empty()) message += "; did you mean `" + near + "`?";
  message += "; there are";
  for (const std::string_view name : known) message.append(" ").append(name);
  message += " (and what --plugin brings)";
  throw Error(message);
}

}  // namespace wane
