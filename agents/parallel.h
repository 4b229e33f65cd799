#pragma once
// The threads that worlds, acting and learning share (memory/pool.h).
//
//   Batch batch(world, settings, 1024, seed, use_threads(2));

#include "envs/batch.h"

namespace wane {

/// From now on our own loops use `threads` threads (0: one per core), LibTorch's operators one, or as many where
/// `operators` do the work. Returns what runs lanes on ours.
Parallel use_threads(int threads, bool operators = false);

}  // namespace wane
