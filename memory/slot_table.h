#pragma once
// The slots of a layer, and the state of a whole memory. Plain data; `Transformer` computes what stands in it.
//
// Rows of a table: the past first, those of environment 0, then of environment 1, … (offset), each oldest first; then
// the present, row past + lane (T + 1) + t. The present's last column is the place where `peek` puts what it will not
// remember.

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "memory/attention.h"
#include "memory/eviction.h"
#include "memory/retention.h"
#include "memory/slot_counts.h"
#include "memory/witnesses.h"

namespace wane {

/// Where a table's books are on its device (device_table.h), as device::Books has them. A plain copy of a state shares
/// them, and must not act.
struct DeviceBooks {
  torch::Tensor offset;             // (B+1) int32
  torch::Tensor candidate;          // (rows, 4) int32
  torch::Tensor stays, fade;        // (rows) uint8, int32
  torch::Tensor live, episode;      // (B) int32
  torch::Tensor counts;             // (B, kCounts) float64
  std::int32_t past = 0, most = 0;  // past slots of all, and the most of an environment
  int steps = 0;                    // of the block, acted
  Lifetime lifetime;                // of this block's slots
  bool defined() const { return offset.defined(); }
};

struct SlotTable {
  torch::Tensor hidden, key, value;             // (rows, D), in the precision that `memory.storage` names
  torch::Tensor span;                           // (rows) steps; undefined where the rule has none
  std::vector<std::int32_t> offset;             // (B+1), past rows of each environment
  std::vector<std::int64_t> birth;              // (rows) step counter
  std::vector<std::int32_t> death;              // (rows) alive while age < death
  std::vector<std::int32_t> fade;               // (rows) the first age at which the mask is under 1
  std::vector<std::uint8_t> stays;              // (rows) 1: mask 1 while it lives
  std::vector<std::uint8_t> pooled;             // (rows) 1: the mean of several; empty where the rule pools none
  std::vector<float> paid;                      // (rows) attention so far, summed over heads; empty where nobody asks
  std::vector<std::vector<std::int32_t>> live;  // (B) rows that the next query may see, oldest first
  std::vector<std::int32_t> seen, fading;       // (B) slots the last query saw, and how many of them were on the ramp
  std::vector<std::int32_t> expired;            // (B) slots that died right before it
  torch::Tensor query;                          // (B, D) the last query: `inspect` shows what it attended to
  SlotCounts counts;                            // of books elsewhere, up to the last refresh
  DeviceBooks books;                            // where they are defined, all vectors above are empty

  std::int32_t past() const { return books.defined() ? books.past : offset.back(); }
  /// Bytes allocated for the slots, the present and slack included.
  std::int64_t bytes() const;
};

struct MemoryState {
  int envs = 0, block = 0;            // B, T
  int filled = 0;                     // steps of the present block that were acted, 0..T
  std::int64_t now = 0;               // steps acted since the beginning: the birth of the next slot
  bool swapped = false;               // memories were exchanged in this block: it is no record of what happened
  std::vector<std::int32_t> all;      // (B) 0, 1, …: every environment, where some may be named
  std::vector<std::int32_t> clears;   // (B) episodes that ended within this block
  std::vector<std::int32_t> episode;  // (B, T) clears before each step: 0 still sees the past
  Room room;
  Pooling pooling;
  Witnesses witnesses;             // none, but in training
  bool books_may_leave = false;    // nobody else reads the tables' vectors: books may be on the memory's device
  std::vector<SlotTable> layers;   // (N)
  torch::Tensor recurrent;         // (N, B, S D) of recurrent memories, which have no layers of slots
  torch::Tensor recurrent_before;  // the same when the block began
};

/// A state without slots, B environments and blocks of T steps.
MemoryState empty_state(int envs, int block);
/// A block begins: none of its steps was acted, no episode ended in it.
void begin_block(MemoryState& state);
/// A step was acted by every environment: the block's record of episodes, and the clock.
void end_step(MemoryState& state);

/// Gives `table` room for `block` present steps of each environment behind `past` rows of tensors. Spans are kept in
/// float32 at least: their ends are counted in steps.
void lay_out(SlotTable& table, const MemoryState& state, int width, const torch::TensorOptions& options, bool spans);
/// The tensors of that alone.
void lay_out_tensors(SlotTable& table, std::int64_t rows, int width, const torch::TensorOptions& options, bool spans);

/// The first rows of `to`, an empty table of the same kind, become `rows` (n) of `from`.
void copy_rows(SlotTable& to, const SlotTable& from, const torch::Tensor& rows);

/// The past becomes `rows`, grouped by `offset` (B+1), with an empty present behind it.
void keep_rows(SlotTable& table, const MemoryState& state, const std::vector<std::int64_t>& rows,
               std::vector<std::int32_t> offset);

/// Drops the dead and begins a new block: what lives of past and present becomes the past. Tensors are copied, not
/// computed.
void compact(SlotTable& table, const MemoryState& state);

/// Past slots whose death (changed since) lies behind them are dropped too. For the beginning of a block.
void drop_dead_past(SlotTable& table, const MemoryState& state);

/// The row of a step of the present block.
inline std::int32_t present_row(const SlotTable& table, const MemoryState& state, int lane, int t) {
  return table.past() + lane * (state.block + 1) + t;
}

inline bool alive(const SlotTable& table, std::int32_t row, std::int64_t now) {
  return now - table.birth[row] < table.death[row];
}

/// Death and fading of the slot in `row` of `lane`, from its span in steps (ignored where the rule has none). Who stays
/// until the episode ends does not change.
void set_lifetime(SlotTable& table, const MemoryState& state, std::int32_t lane, std::int32_t row,
                  const Lifetime& lifetime, double span);
/// The same for the slot that is born now in `lane`, and whether it stays.
void give_birth(SlotTable& table, const MemoryState& state, std::int32_t lane, std::int32_t row,
                const Lifetime& lifetime, double span);

/// The slot in `row` is evicted: it dies at the age that it has now.
inline void evict(SlotTable& table, std::int32_t row, std::int64_t now) {
  table.death[row] = static_cast<std::int32_t>(now - table.birth[row]);
}

/// After a query of each of `lanes`: what it saw (itself included) is what lives, and who had no room is dead.
void remember(SlotTable& table, const MemoryState& state, const Candidates& who, std::span<const std::int32_t> lanes);

/// Counts the queries of `lanes`, the slots born in them, and those that died before them; of witnesses nothing.
void count_step(SlotTable& table, const MemoryState& state, std::span<const std::int32_t> lanes);

/// Compacted, between blocks: slots that the rule pools become one. False where there was nothing to do; else keys and
/// values of the past are to be computed again.
bool pool_past(SlotTable& table, const MemoryState& state);

/// What lives in a table between blocks, without what follows from weights (keys, values).
void save_past(const SlotTable& table, torch::serialize::OutputArchive& archive);
void load_past(SlotTable& table, const MemoryState& state, torch::serialize::InputArchive& archive);

}  // namespace wane
