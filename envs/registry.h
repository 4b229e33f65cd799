#pragma once
// Every world in the tree: a plain table, in the order in which `wane envs` lists them. A new world is one row in
// `registry.cpp`. Those from shared libraries come after them (envs/plugin.h).
//
//   Batch batch(find_world("corridor"), {}, 32, seed);

#include <span>
#include <string_view>

#include "envs/wane_world.h"

namespace wane {

std::span<const WaneWorldV1* const> worlds();

/// Throws Error for an unknown id, naming the nearest known one and all there are.
const WaneWorldV1& find_world(std::string_view id);

/// The world's table for the GPU (envs/device_batch.h): all of its buffers are the device's. nullptr for one from a
/// shared library, and where wane was built without CUDA.
const WaneWorldV1* device_world(std::string_view id);

/// One more, which must live as long as the program. The same table twice is one world; throws Error for another table
/// with an id that is taken. Not while another thread looks worlds up.
void add_world(const WaneWorldV1& world);

}  // namespace wane
