#pragma once
// What an evaluation may do to memories, to learn what an agent's success rests on. Each acts after a step of all
// lanes.

#include <span>
#include <vector>

#include "agents/evaluate.h"
#include "envs/batch.h"
#include "memory/slot_edits.h"

namespace wane {

/// Gives every second lane an episode whose first observation differs from that of the lane before it. Throws Error
/// where the world has none.
void make_twins(Batch& batch, std::uint64_t seed);

/// EvaluationOptions::shuffle_lives: the lives of a layer's slots as they were born, and their dealing out anew.
class Lives {
 public:
  /// Takes in the lives of the slots born in the last step, of lanes that count.
  void observe(const MemoryState& state, std::span<const int> counts);
  /// The slots born in the last step get lives drawn from all that were taken in, each as likely.
  void deal(MemoryState& state, std::uint64_t seed) const;

 private:
  std::vector<std::vector<SlotLife>> of_layer_;  // (N)
};

/// EvaluationOptions::erase.
class Eraser {
 public:
  Eraser(const Erase& what, const Batch& batch);
  void after_step(const Batch& seen, MemoryState& state);
  void clear(std::span<const std::int32_t> lanes);
  std::int64_t erased() const { return erased_; }  // slots, of all layers

 private:
  Erase what_;
  std::int64_t erased_ = 0;
  std::vector<std::int64_t> last_;  // (B) the last step of the episode that saw such a code; kNone
};

}  // namespace wane
