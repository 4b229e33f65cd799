#pragma once
// Who may see whom, read off a slot table: what attention is told of it.

#include <span>

#include "memory/slot_table.h"

namespace wane {

/// What the next query of each of `lanes` may see: its live slots but for whom the room is too small, then `own`, the
/// row that it stands in itself.
Candidates next_candidates(const SlotTable& table, const MemoryState& state, std::span<const std::int32_t> lanes,
                           std::span<const std::int32_t> own);

/// What the last query of one environment saw, as it saw it: for `inspect`.
Candidates last_candidates(const SlotTable& table, const MemoryState& state, int lane);

/// What the queries of the recorded block may see, rows as in past + lane * steps + t.
Candidates block_candidates(const SlotTable& table, const MemoryState& state, std::int32_t greatest_age);

}  // namespace wane
