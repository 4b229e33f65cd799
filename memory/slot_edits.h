#pragma once
// What experiments and the viewer do to memories: copies of a state, slots erased or kept, lives exchanged. A block in
// which something was done to is no record of what happened: it is not to be unrolled.

#include "memory/slot_table.h"

namespace wane {

/// A state that shares nothing with `state`: memories are written in place.
MemoryState copy_of(const MemoryState& state);

/// How long a slot lives and how it fades, apart from what it holds: for experiments that give slots others' lives.
struct SlotLife {
  double span = 0;
  std::int32_t death = kNever, fade = kNever;
  std::uint8_t stays = 0;
};
SlotLife life_of(const SlotTable& table, std::int32_t row);
void give_life(SlotTable& table, std::int32_t row, const SlotLife& life);

/// The live slot of environment `lane` that was born at step `birth` is seen no more; or never dies while its episode
/// lasts. False where there is none.
bool erase_slot(SlotTable& table, int lane, std::int64_t birth);
bool pin_slot(SlotTable& table, int lane, std::int64_t birth);

}  // namespace wane
