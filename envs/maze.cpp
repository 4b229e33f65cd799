#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage = R"(Maze: from one corner of a maze to the other, with an 11 x 11 view.
The maze of PufferLib's `grid` in its own way of moving and with its view, so that the two can be timed on equal work.

Rules. A map of S x S cells, border walls included. Every second cell of every second row is a room, (S-1)/2 rooms
each way (an even S leaves a second wall in the east and south); walls with one cell between rooms fill the rest.
Which of these cells are open is drawn per episode: a random tree that joins all rooms, every such tree equally likely
(Wilson, "Generating random spanning trees more quickly than the cover time", STOC 1996). So there is one way between
any two rooms. The agent starts in the north-west room and faces east; the goal is the south-east room. An action
other than pass turns the agent (forward 0, right 90, back 180, left 270 degrees) and then moves it one cell that way;
a wall stops the move but not the turn.

Observation: 121 cells, no floats: the 11 x 11 cells around the agent, row by row from the north-west, north always
up, walls hide nothing. Outside of the map is wall. The agent is in the middle (cell 60). Codes:
  0 wall   1 floor   2 goal   3, 4, 5, 6 agent that faces east, south, west, north

Rewards: `step_reward` per step, but 1 for the step onto the goal.
End: reaching the goal terminates; 2 S S steps truncate. Success: reached the goal.
Size: S. Difficulty d: S = max(5, round(side d)).

Best scores. Who knows the map walks the one way, D steps: success 1, return 1 + (D - 1) step_reward; D is 82 on
average at S = 32 (56 as the crow flies). This world does not ask for memory: nothing that is seen is asked for later.
An agent without memory that keeps its right hand on the wall (the middle cell shows where it faces) reaches success 1
too, in 443 steps on average at S = 32, never in more than (S-1)^2, which is less than half of the time. Memory only
saves steps: nobody need walk into the same dead end twice.
)";

constexpr int kMostSide = 32, kReach = 5, kView = 2 * kReach + 1, kRooms = (kMostSide - 1) / 2;
enum Action { kPass, kForward, kLeft, kRight, kBack };
enum Code : std::uint8_t { kWallCode, kFloorCode, kGoal, kAgent, kCodes = kAgent + 4 };

// Small tables, two bits per entry: no memory is read. Headings: east, south, west, north.
constexpr int turn(int action) { return 0b10'01'11'00'00 >> 2 * action & 3; }  // in quarters clockwise
constexpr int eastward(int heading) { return (0b01'00'01'10 >> 2 * heading & 3) - 1; }
constexpr int southward(int heading) { return (0b00'01'10'01 >> 2 * heading & 3) - 1; }

/// Bit i of eight as byte i, 0 or 1.
constexpr std::uint64_t bytes_of(std::uint32_t bits) {
  const std::uint64_t each = (bits & 255) * std::uint64_t{0x0101010101010101} & 0x8040201008040201;
  return (each + 0x7F7F7F7F7F7F7F7F) >> 7 & 0x0101010101010101;  // no carry: a byte is at most 0x80 + 0x7F
}

struct Maze {
  struct Settings {
    int side = kMostSide;
    float step_reward = 0;

    void describe(auto&& setting) {
      setting("side", side, 5, kMostSide, "cells", "S, of the square map, border walls included");
      setting("step_reward", step_reward, -1, 1, "reward", "of every step but the one onto the goal, which gives 1");
    }
  };

  static constexpr const char* kActions[] = {"pass", "forward", "left", "right", "back"};
  static Spec spec(const Settings&) { return {.cells = kView * kView, .codes = kCodes, .actions = kActions}; }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    side = static_cast<std::uint8_t>(Range<int>{5, s.side}.scaled(difficulty).hi);
    goal = static_cast<std::uint8_t>((side - 1) / 2 * 2 - 1);
    x = y = 1;
    carve(rng);
  }

  /// Wilson's algorithm: from every room not yet in the tree a random walk until it meets the tree; the walk without
  /// its loops (the last direction in which each room was left) joins the tree.
  constexpr void carve(Rng& rng) {
    enum State : std::uint8_t { kOutside, kAlone, kInTree };
    constexpr int kRow = kRooms + 2;  // with a border that is outside
    constexpr int kNext[] = {1, kRow, -1, -kRow};
    std::uint8_t state[kRow * kRow] = {}, way[kRow * kRow];
    const int rooms = (side - 1) / 2, root = (rooms + 1) / 2 * (kRow + 1);  // any will do; the middle is met soonest
    for (int row = 1; row <= rooms; ++row)
      for (int column = 1; column <= rooms; ++column) state[row * kRow + column] = kAlone;
    state[root] = kInTree;
    std::uint64_t bits = 0;
    int left = 0;
    for (int row = 1; row <= rooms; ++row)
      for (int column = 1; column <= rooms; ++column) {
        const int from = row * kRow + column;
        std::uint8_t met = state[from];
        for (int at = from; met != kInTree;) {
          if (left-- == 0) bits = rng.bits(), left = 31;
          way[at] = bits & 3;
          bits >>= 2;
          const int next = at + kNext[way[at]];
          met = state[next];
          if (met != kOutside) at = next;
        }
        for (int at = from; state[at] != kInTree; at += kNext[way[at]]) state[at] = kInTree;
      }
    for (int row = 1; row <= rooms; ++row)
      for (int column = 1; column <= rooms; ++column) {
        const int at = row * kRow + column, room_x = 2 * column - 1, room_y = kReach + 2 * row - 1;
        open[room_y] |= 1u << room_x;
        if (at != root) open[room_y + southward(way[at])] |= 1u << (room_x + eastward(way[at]));
      }
  }

  constexpr Outcome step(const Settings& s, int action) {
    heading = static_cast<std::uint8_t>((heading + turn(action)) & 3);
    const int dx = eastward(heading), dy = southward(heading);
    const int moves = (action != kPass) & static_cast<int>(open[kReach + y + dy] >> (x + dx) & 1);
    x = static_cast<std::uint8_t>(x + dx * moves);
    y = static_cast<std::uint8_t>(y + dy * moves);
    if (x == goal && y == goal) return {1, true, 1};
    return {.reward = s.step_reward};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> view) const {
    const std::uint32_t* const rows = open + y;
    const int shift = x;
    for (int row = 0; row < kView; ++row) {
      const auto bits = static_cast<std::uint32_t>((std::uint64_t{rows[row]} << kReach) >> shift);
      std::uint8_t* const to = view.data() + row * kView;
      const std::uint64_t first = bytes_of(bits), last = bytes_of(bits >> 3);
      __builtin_memcpy(to, &first, 8);
      __builtin_memcpy(to + kView - 8, &last, 8);  // overlaps: 11 cells are written, no more
    }
    const int column = goal - x + kReach, row = goal - y + kReach;
    if (column < kView && row < kView) view[static_cast<std::size_t>(row * kView + column)] = kGoal;
    view[kView * kView / 2] = static_cast<std::uint8_t>(kAgent + heading);
  }

  constexpr int limit(const Settings&) const { return 2 * side * side; }
  constexpr int size() const { return side; }

  /// The whole map; the agent is an arrow.
  Picture picture(const Settings&) const {
    Picture p(side, side, {kWall, 0, 0});
    for (int row = 0; row < side; ++row)
      for (int column = 0; column < side; ++column) {
        Picture::Tile& tile = p.at(column, row);
        if (open[kReach + row] >> column & 1) tile.colour = kFloor;
        const int dx = column - x, dy = row - y;
        tile.in_view = dx >= -kReach && dx <= kReach && dy >= -kReach && dy <= kReach;
      }
    p.at(goal, goal).colour = kGreen;
    p.agent_x = x;
    p.agent_y = y;
    p.at(x, y).glyph = U"\u25B6\u25BC\u25C0\u25B2"[heading];
    return p;
  }

  std::uint8_t x, y, heading, side, goal;      // the goal's column and row are the same
  std::uint32_t open[kMostSide + 2 * kReach];  // one bit per cell, row by row; north and south of them rows of wall
};

}  // namespace

WANE_WORLD(Maze, "maze", "a random 32 x 32 maze from corner to corner with an 11 x 11 view; asks for no memory", kPage)
}  // namespace wane
