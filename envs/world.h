#pragma once
// What an author of a world includes. A world is a small value type: its rules, no batching, no time limit, no reset
// logic.
//
//   constexpr const char* kPage = R"(Rules, codes, rewards, end, best scores: what `wane envs coin` prints)";
//   struct Coin {                                                       // guess the coin that was shown at first
//     struct Settings {                                                 // constant per batch; defaults stand here
//       float wrong_reward = 0;
//       void describe(auto&& setting) { setting("wrong_reward", wrong_reward, -1, 0, "reward", "for the wrong side"); }
//     };
//     static constexpr const char* kActions[] = {"heads", "tails"};
//     static Spec spec(const Settings&) { return {.cells = 1, .codes = 3, .actions = kActions}; }
//     void reset(const Settings&, float difficulty, Rng& r) { side = r.uniform(2); t = 0; }
//     Outcome step(const Settings& s, int action) {
//       if (++t < 5) return {};
//       return action == side ? Outcome{.reward = 1, .terminated = true, .success = 1} : Outcome{s.wrong_reward, true};
//     }
//     void observe(const Settings&, std::span<std::uint8_t> to) const { to[0] = t == 0 ? 1 + side : 0; }
//     int limit(const Settings&) const { return 100; }
//     int size() const { return 5; }
//     Picture picture(const Settings&) const { return {1, 1}; }
//     int side, t;
//   };
//   WANE_WORLD(Coin, "coin", "one line that says what it asks of a memory", kPage)
//
// Promised to the author: `reset` finds a zeroed object, so nothing can leak from one episode to the next; `step` is
// never called after the episode's end; actions are 0..A-1; Settings hold allowed values. Promised by the author:
// trivially copyable with fixed arrays (memcpy is its snapshot), the same bytes in give the same bytes out, every code
// < codes. reset, step, observe, limit and size use no exceptions, no allocation, and of std only array, span and
// cstdint. In the tree they are `constexpr`, and run on a GPU too, where nvcc reads the same file; their tables stand
// inside functions, for nvcc drops those of a namespace without a word. A world whose observation has plain numbers
// writes `observe(settings, cells, floats)`. Fields of Settings are int, float, bool, Range<int> or Range<float>.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "envs/draws.h"
#include "envs/range.h"
#include "envs/rng.h"
#include "envs/wane_world.h"

namespace wane {

/// What an agent meets: depends on the settings only, not on difficulty or episode.
struct Spec {
  int cells = 0;                         // symbol codes per observation
  int codes = 0;                         // every code is 0..codes-1; at most 256
  int floats = 0;                        // plain numbers per observation, besides
  std::span<const char* const> actions;  // their names, in static storage
};

/// What one action led to. The episode's success is the `success` of its last step, be that terminated or truncated.
struct Outcome {
  float reward = 0;
  bool terminated = false;  // the rules ended the episode; running out of time is not the author's business
  float success = 0;        // share of what was asked that was done, 0..1
};

/// One moment to look at. The only thing here that runs on the host alone and may allocate.
struct Picture {
  using Tile = WaneTileV1;  // colour 0xRRGGBB, glyph (Unicode code point, 0 = none), in_view

  Picture(int w, int h, Tile fill = {})
      : width(w), height(h), tiles(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), fill) {}
  Tile& at(int x, int y) {
    return tiles[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
  const Tile& at(int x, int y) const { return const_cast<Picture*>(this)->at(x, y); }

  int width, height;               // tiles
  int agent_x = -1, agent_y = -1;  // -1, -1 = nowhere
  std::vector<Tile> tiles;         // row by row from the top left
};

/// Colours that all worlds share, so that red is the same red everywhere.
inline constexpr std::uint32_t kBlack = 0x101014, kFloor = 0x3a3a44, kWall = 0x85858f, kWhite = 0xf0f0f0,
                               kRed = 0xd8403c, kBlue = 0x3c78d8, kGreen = 0x3ca04c, kYellow = 0xe0c040,
                               kPurple = 0x9850c8, kGrey = 0xa8a8b0;

}  // namespace wane

#ifdef WANE_DEVICE_BATCH  // the same file once more, for the GPU: CMake names the header
#include WANE_DEVICE_BATCH
#define WANE_TABLE(Type) wane_device_world_##Type
#define WANE_BATCH DeviceLanes
#else
#include "envs/lanes.h"
#define WANE_TABLE(Type) wane_world_##Type
#define WANE_BATCH Lanes
#endif
#include "envs/world_table.h"

#ifdef WANE_IN_TREE
#define WANE_PLUGIN_ENTRY(Type)
#else  // a shared library: the name that the host looks up
#define WANE_PLUGIN_ENTRY(Type) \
  extern "C" __attribute__((visibility("default"))) const WaneWorldV1* wane_plugin_v1() { return wane_world_##Type(); }
#endif

/// Once per file, outside any unnamed namespace. Defines `extern "C" const WaneWorldV1* wane_world_Type()`, the row of
/// the registry in the tree; in a shared library also the entry that the host looks up. Where nvcc reads a file for the
/// GPU, the table is `wane_device_world_Type()`, and all of its buffers are the device's.
#define WANE_WORLD(Type, id, summary, page)                                                                         \
  extern "C" __attribute__((visibility("default"))) const WaneWorldV1* WANE_TABLE(Type)() {                         \
    static_assert(std::is_trivially_copyable_v<Type>, "memcpy must be a snapshot of the world: fixed arrays only"); \
    return wane::world_table<Type, wane::WANE_BATCH<Type>>(id, summary, page);                                      \
  }                                                                                                                 \
  WANE_PLUGIN_ENTRY(Type)
