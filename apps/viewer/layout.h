#pragma once
// Where things stand and what colour they have: plain numbers, no window. The panels draw what these functions say, and
// tests check them.
//
// Coordinates are pixels, x to the right, y down; colours 0xRRGGBB; time in steps of the episode.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agents/recording.h"

namespace wane::viewer {

struct Area {
  float x = 0, y = 0, w = 0, h = 0;
  bool holds(float px, float py) const { return px >= x && px < x + w && py >= y && py < y + h; }
};

/// Where the panels of a window of w x h pixels stand; `line` is the height of a line of text, `layers` how many
/// memories there are. The time axes of memory, curves and scrub bar are one above the other.
struct Panels {
  Area top, world, mind, list, curves, scrub, keys;
  std::vector<Area> memory;  // (layers)
};
Panels panels(float w, float h, float line, int layers);

struct Theme {
  std::uint32_t ground, panel, text, faint, line, accent;
};
extern const Theme kDark, kLight;

/// `share` of b in a: 0 is a, 1 is b.
std::uint32_t mix(std::uint32_t a, std::uint32_t b, float share);

/// Which steps a time axis shows: first at the left edge, last at the right one.
struct TimeAxis {
  float first = 0, last = 1;
  float x(float step, const Area& area) const { return area.x + area.w * (step - first) / (last - first); }
  float step(float x, const Area& area) const { return first + (last - first) * (x - area.x) / area.w; }
};
/// The whole episode of `length` steps; or, `recent`, what lives at `now` and a third as much again to come.
TimeAxis episode_axis(int length);
TimeAxis recent_axis(std::span<const SlotView> slots, int now);

/// A tile of the world: seen ones are lit, and `glow` 0..1 is the attention paid to what was remembered there.
struct TileBox {
  Area area;
  std::uint32_t colour;
  float glow;
  std::uint32_t glyph;  // Unicode code point, 0 = none
};
struct WorldLayout {
  std::vector<TileBox> tiles;  // of the part that fits, row by row
  float tile = 0;              // side of a tile
  std::optional<Area> agent;
  std::vector<std::pair<float, float>> trail;  // centres of the tiles of its last steps, oldest first
};
/// Tiles are squares of `least` to 48 pixels: of a larger world the part around the agent is shown.
WorldLayout world_layout(const Picture& picture, std::span<const RecordedStep> until_now,
                         std::span<const SlotView> slots, const Area& area, float least);
/// A world's panel: the part around the agent, and below it an overview of the whole, where tiles of `least` pixels do
/// not all fit (else its height is 0). The overview's tiles may be of any size.
struct WorldAreas {
  Area part, overview;
};
WorldAreas world_areas(const Picture& picture, const Area& area, float least);

/// A slot: from birth to now solid, from now to its predicted end faint. At least 3 pixels wide, 1 high.
struct Bar {
  Area past, future;     // future.w is 0 where it dies now, or stays (then it reaches the right edge)
  std::uint32_t colour;  // of remaining life: red at its end, over yellow and green to blue
  float light;           // 0..1, the greatest attention of any head, lifted so that little is seen
  std::int64_t birth;
  bool lately_dead;
};
/// One row for each slot, oldest on top; rows are 2..16 pixels, or share the height where they are more.
/// `lately_dead`: (birth, steps ago) of slots that expired within the last kFade steps; they come first.
inline constexpr int kFade = 12;
std::vector<Bar> memory_bars(std::span<const SlotView> slots, std::span<const std::pair<std::int64_t, int>> lately_dead,
                             int now, const TimeAxis& axis, const Area& area);
/// The bar at a point, the live ones first; within 2 pixels.
const Bar* bar_at(std::span<const Bar> bars, float x, float y);

/// Births of layer `layer` that expired at most kFade steps before `step`, and how long ago, oldest first.
std::vector<std::pair<std::int64_t, int>> lately_dead(std::span<const RecordedStep> steps, int step, int layer);

std::uint32_t colour_of_life(std::int32_t remaining);
float greatest_attention(const SlotView& slot);

/// Points of a curve of values over steps 0.., lowest to highest over the area's height, at most one per pixel.
std::vector<std::pair<float, float>> curve(std::span<const float> values, const TimeAxis& axis, const Area& area);

/// Live slots, born, expired, bytes of layer `layer` at `step`, and what Transformer-XL with the same length would
/// hold.
struct Counters {
  int live = 0, born = 0, expired = 0;
  std::int64_t bytes = 0;  // of the live slots: hidden, key, value and their book-keeping
  int full_live = 0;
  std::int64_t full_bytes = 0;
};
Counters counters(std::span<const RecordedStep> steps, int step, int layer, const MemorySettings& memory);

std::string bytes_text(std::int64_t bytes);  // "4.1 kB"

}  // namespace wane::viewer
