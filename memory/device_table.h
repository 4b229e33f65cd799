#pragma once
// A table whose books are on its device: what slot_table.h and candidates.h do on the host, there. A step waits for
// nothing. Between blocks `compact_there` and `relive_there` wait, for the number of rows that is to be allocated, and
// `fetch_counts`.
//
//   take_books_there(table, state, lifetime);                                        // once
//   attend(in, look_there(table, state, {}, spans, true));                           // a step
//   attend(in, block_there(table, state, kNever));                                   // the unroll
//   compact_there(table, state); relive_there(table, state, lifetime);               // the next block

#include "memory/slot_table.h"

namespace wane {

/// The host's books go to the table's device, between blocks. How long slots live that are born until the next
/// `relive_there`, says `lifetime`.
void take_books_there(SlotTable& table, const MemoryState& state, const Lifetime& lifetime);

/// The same table with its books on the host, as its last query left them; tensors are shared.
SlotTable with_books_here(const SlotTable& table, const MemoryState& state);

/// (n) int64 on `device`, without waiting for it.
torch::Tensor lanes_there(std::span<const std::int32_t> lanes, const torch::Device& device);

/// The rows (n) int64 of this step of `lanes` (n; undefined: of all).
torch::Tensor present_rows_there(const SlotTable& table, const MemoryState& state, const torch::Tensor& lanes);

/// A query of each of `lanes` (n; undefined: of all): its slot is born with the span `spans` (n; undefined where the
/// rule has none), and it sees itself and what lives. `remember`: it is this step's, and counted.
DeviceCandidates look_there(SlotTable& table, const MemoryState& state, const torch::Tensor& lanes,
                            const torch::Tensor& spans, bool remember);

/// What the queries of the recorded block may see, rows as in `block_candidates`.
DeviceCandidates block_there(const SlotTable& table, const MemoryState& state, std::int32_t greatest_age);

/// The episodes of `lanes` (n) ended.
void forget_there(SlotTable& table, const MemoryState& state, const torch::Tensor& lanes);

/// Drops the dead: what lives of past and present becomes the past of a block without steps.
void compact_there(SlotTable& table, const MemoryState& state);

/// Compacted: the lives of the past follow from its spans of now, and who is dead by them is dropped.
void relive_there(SlotTable& table, const MemoryState& state, const Lifetime& lifetime);

/// Adds what was counted there to `table.counts`.
void fetch_counts(SlotTable& table);

}  // namespace wane
