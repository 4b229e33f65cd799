#pragma once
// Room for a fixed number of slots: `memory.slots` of a layer and environment, the own step's included, whatever the
// rule of retention says. Where they are full, the next step makes one slot go.
//
//   const std::int32_t row = victim(table, state, lane);  // kNobody, or who goes before the next query of this lane
//
// An eviction is written into the table as a death, so that the unroll sees it when the steps did.

#include <cstdint>

#include "configs/settings.h"

namespace wane {

struct SlotTable;
struct MemoryState;

inline constexpr std::int32_t kNobody = -1;

enum class Evict {
  oldest,
  random,        // each as likely
  heavy_hitter,  // H2O (Zhang et al. 2023): the younger half stays; of the others, who was attended to least so far
  soonest,       // who would expire first
};

struct Room {
  int slots = 0;  // 0 = any number
  Evict evict = Evict::oldest;
  int sinks = 0;          // first slots of an episode, which stay until it ends; never evicted
  std::uint64_t key = 0;  // random: the run's

  static Room of(const MemorySettings& settings);
  bool counts_attention() const { return slots > 0 && evict == Evict::heavy_hitter; }
};

/// Among `lane`'s live slots, oldest first of equals. Slots that stay go only where nothing else can.
std::int32_t victim(const SlotTable& table, const MemoryState& state, std::int32_t lane);

}  // namespace wane
