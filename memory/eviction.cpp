#include "memory/eviction.h"

#include <algorithm>

#include "memory/slot_table.h"

namespace wane {
namespace {

/// A number of (key, lane, step): splitmix64's finaliser (Steele et al. 2014), the same on every platform.
std::uint64_t mix(std::uint64_t key, std::uint64_t lane, std::uint64_t step) {
  std::uint64_t z = key;
  for (const std::uint64_t word : {lane, step}) {
    z += word + 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    z ^= z >> 31;
  }
  return z;
}

}  // namespace

Room Room::of(const MemorySettings& settings) {
  Room room{.slots = settings.slots, .sinks = settings.sinks};
  if (settings.evict == "random") room.evict = Evict::random;
  if (settings.evict == "heavy_hitter") room.evict = Evict::heavy_hitter;
  if (settings.evict == "soonest") room.evict = Evict::soonest;
  return room;
}

std::int32_t victim(const SlotTable& table, const MemoryState& state, std::int32_t lane) {
  const Room& room = state.room;
  const auto& live = table.live[lane];
  if (room.slots == 0 || state.witnesses.has(lane) || live.size() + 1 <= std::size_t(room.slots)) return kNobody;
  thread_local std::vector<std::int32_t> may;  // go
  may.clear();
  int alive = 0;
  for (const std::int32_t row : live) {
    if (!wane::alive(table, row, state.now)) continue;
    ++alive;
    if (!table.stays[row]) may.push_back(row);
  }
  if (alive + 1 <= room.slots) return kNobody;
  if (may.empty()) may.push_back(live[std::min<std::size_t>(room.sinks, live.size() - 1)]);
  switch (room.evict) {
    case Evict::oldest:
      return may.front();
    case Evict::random:
      return may[mix(room.key, std::uint64_t(lane), std::uint64_t(state.now)) % may.size()];
    case Evict::heavy_hitter: {
      const std::size_t younger = std::max(1, room.slots / 2) - 1;  // and the own step
      const auto end = may.begin() + std::int64_t(may.size() - std::min(younger, may.size() - 1));
      return *std::min_element(may.begin(), end, [&](auto a, auto b) { return table.paid[a] < table.paid[b]; });
    }
    case Evict::soonest: {
      const auto end_of = [&](std::int32_t row) { return table.birth[row] + table.death[row]; };
      return *std::min_element(may.begin(), may.end(), [&](auto a, auto b) { return end_of(a) < end_of(b); });
    }
  }
  return kNobody;
}

}  // namespace wane
