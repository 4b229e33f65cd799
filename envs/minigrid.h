#pragma once
// What the worlds after MiniGrid (package minigrid 3.0.0, Chevalier-Boisvert et al. 2023) share: its actions, its
// codes, what an action does, and its view. In the tree only, not installed for plug-ins.
//
//   struct Cave : minigrid::Grid { ... };  // in reset, once side, x, y and heading are set:
//   fence(); wall(4, 2); things[0] = {2, 3, kKey, kYellowCode, 0};
//   act(action);  look(cells);  draw();    // what step, observe and picture do

#include <array>
#include <cstdint>
#include <span>

#include "envs/minigrid_view.h"
#include "envs/world.h"

namespace wane::minigrid {

enum Action { kLeft, kRight, kForward, kPickup, kDrop, kToggle, kDone };
enum Object : std::uint8_t { kDoor = 4, kKey = 5, kBall = 6, kGoal = 8, kCodes = 11 };  // minigrid has eleven
enum Colour : std::uint8_t { kGreenCode = 1, kYellowCode = 4 };                         // and six of these
enum State : std::uint8_t { kOpen, kClosed, kLocked };

inline constexpr const char* kActions[] = {"left", "right", "forward", "pickup", "drop", "toggle", "done"};
inline constexpr int kMost = 17;  // tiles of a grid's side

/// 1 - 0.9 steps / limit, minigrid's double as a float. For no step and limit of these worlds a fused multiply-add
/// gives another float (tested), so it is the same on every platform.
constexpr float success_reward(int steps, int limit) {
  return static_cast<float>(1 - 0.9 * (static_cast<double>(steps) / static_cast<double>(limit)));
}

struct Thing {
  std::int8_t x, y;
  std::uint8_t object, colour, state;
  constexpr bool portable() const { return object == kKey || object == kBall; }
};

struct Grid {
  constexpr void wall(int at_x, int at_y, bool there = true) {
    lines[0][at_x] = (lines[0][at_x] & ~(8u << at_y)) | std::uint32_t{there} << (at_y + 3);
    lines[1][at_y] = (lines[1][at_y] & ~(8u << at_x)) | std::uint32_t{there} << (at_x + 3);
  }
  constexpr void fence() {
    for (int i = 0; i < side; ++i) wall(i, 0), wall(i, side - 1), wall(0, i), wall(side - 1, i);
  }

  /// One action, as minigrid_env.py has it. Turning, walking, carrying, doors; ends and rewards are the world's.
  constexpr void act(int action) {
    const int to_x = x + (heading == 0) - (heading == 2), to_y = y + (heading == 1) - (heading == 3);
    const bool opaque = lines[0][to_x] >> (to_y + 3) & 1;
    Thing* ahead = nullptr;
    for (Thing& thing : things)
      if (thing.x == to_x && thing.y == to_y) ahead = &thing;
    switch (action) {
      case kLeft:
      case kRight:
        heading = static_cast<std::int8_t>((heading + (action == kLeft ? 3 : 1)) & 3);
        break;
      case kForward:
        if (opaque || (ahead && ahead->portable())) break;
        x = static_cast<std::int8_t>(to_x);
        y = static_cast<std::int8_t>(to_y);
        break;
      case kPickup:
        if (!ahead || !ahead->portable() || carried) break;
        carried = static_cast<std::int8_t>(ahead - things + 1);
        ahead->x = kAway;
        break;
      case kDrop:
        if (!carried || ahead || opaque) break;
        things[carried - 1].x = static_cast<std::int8_t>(to_x);
        things[carried - 1].y = static_cast<std::int8_t>(to_y);
        carried = 0;
        break;
      case kToggle:
        if (!ahead || ahead->object != kDoor) break;
        if (ahead->state != kLocked) ahead->state ^= kClosed;
        else if (carried && things[carried - 1].object == kKey && things[carried - 1].colour == ahead->colour)
          ahead->state = kOpen;
        wall(to_x, to_y, ahead->state != kOpen);
    }
  }

  constexpr View view() const { return {x, y, heading}; }

  /// The 147 codes of minigrid's obs["image"]; a 148th cell gets the heading.
  constexpr void look(std::span<std::uint8_t> to) const {
    const View from = view();
    const View::Boards boards = from.boards(lines);
    from.paint(boards, to);
    for (const Thing& thing : things) put(thing, to, from.cell(boards, thing.x, thing.y));
    const Thing nothing{0, 0, 1, 0, 0};
    put(carried ? things[carried - 1] : nothing, to, View::kOwn);
    if (to.size() > View::kCodes) to[View::kCodes] = static_cast<std::uint8_t>(heading);
  }

  Picture draw() const;  // minigrid.cpp

  static constexpr std::int8_t kAway = 64;  // where a carried thing lies: out of every view

  std::uint32_t lines[2][kMost];  // what no one sees through or enters: [0] per x, bit y + 3; [1] per y, bit x + 3
  Thing things[3];
  std::int8_t x, y, side, heading;  // heading: 0 east, 1 south, 2 west, 3 north
  std::int8_t carried;              // 1 + index of the thing; 0 = none
  std::int16_t t;                   // steps so far, counted by the world

 private:
  static constexpr void put(const Thing& thing, std::span<std::uint8_t> to, int cell) {
    const auto at = static_cast<std::size_t>(3 * cell);
    to[at] = thing.object;
    to[at + 1] = thing.colour;
    to[at + 2] = thing.state;
  }
};

}  // namespace wane::minigrid
