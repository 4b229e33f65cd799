#pragma once
// Every world in the tree: a plain table, in the order in which `wane envs` lists them. A new world is one row in
// `registry.cpp`.
//
//   Batch batch(find_world("corridor"), {}, 32, seed);

#include <span>
#include <string_view>

#include "envs/wane_world.h"

namespace wane {

std::span<const WaneWorldV1* const> worlds();

/// Throws Error for an unknown id, naming the nearest known one and all there are.
const WaneWorldV1& find_world(std::string_view id);

}  // namespace wane
