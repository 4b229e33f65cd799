#pragma once
// What became of a layer's slots.

namespace wane {

/// Since somebody last set this to {}.
struct SlotCounts {
  double queries = 0;                         // sum over steps of environments
  double live = 0;                            // sum over queries of the slots seen, own step included
  double most_live = 0;                       // the greatest number that one query saw
  double fading = 0;                          // sum over queries of slots on the ramp, 0 < mask < 1
  double dropped = 0;                         // slots that expired, were evicted, or became one with others
  double born = 0, spans = 0, most_span = 0;  // number, sum and greatest of the spans of new slots
};

/// Devices count in rows of doubles; device_table.cpp and slot_table_archive.cpp list them by hand.
inline constexpr int kCounts = 8;
static_assert(sizeof(SlotCounts) == kCounts * sizeof(double));

}  // namespace wane
