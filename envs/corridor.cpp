#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage = R"(Corridor: one colour to remember along a hallway whose end asks for it.

Rules. A hallway of L cells, one cell wide; L is drawn per episode from `length`. The agent starts in the first
cell; actions north, south, east, west move it, it has no heading. During the first `cue_steps` steps a red or blue
object is in the agent's own cell. North and south of the last cell stand one red and one blue door, in random
order. Moving into a wall, or into the cell west of the start, changes nothing. The agent can leave itself no note:
every cell before the last looks like every other, the start included, and nothing it does there changes what it
will see.

Observation: 5 cells, no floats: own cell, north, south, east, west (no diagonals, no previous action or reward).
Codes:
  0 wall   1 hallway   2 red object   3 blue object   4 red door   5 blue door
Doors are seen from the last cell only; the cell west of the start looks like hallway.

Rewards: `step_reward` per step, but for the step into a door: 1 when it has the object's colour, else
`wrong_reward`.
End: entering a door terminates; 4 L + 40 steps truncate. Success: entered the door of the object's colour.
Size: L. Difficulty d: lengths from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return 1 + (L - 1) step_reward, in L steps. A perfect agent without memory
walks to the doors as fast and guesses: success 0.5, return (1 + wrong_reward) / 2 + (L - 1) step_reward.
)";

enum Action { kNorth, kSouth, kEast, kWest };
enum Code : std::uint8_t { kWallCode, kHallway, kRedObject, kBlueObject, kRedDoor, kBlueDoor, kCodes };

struct Corridor {
  struct Settings {
    Range<int> length{3, 200};
    int cue_steps = 1;
    float step_reward = -0.02f, wrong_reward = 0;

    void describe(auto&& setting) {
      setting("length", length, 2, 1'000'000, "cells", "hallway, drawn per episode");
      setting("cue_steps", cue_steps, 1, 1'000'000, "steps", "how long the object is seen, from the start on");
      setting("step_reward", step_reward, -1, 1, "reward", "of every step that enters no door");
      setting("wrong_reward", wrong_reward, -10, 1, "reward", "of the step into the wrong door; the right one gives 1");
    }
  };

  static constexpr const char* kActions[] = {"north", "south", "east", "west"};
  static Spec spec(const Settings&) { return {.cells = 5, .codes = kCodes, .actions = kActions}; }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    length = rng.uniform(s.length.scaled(difficulty));
    blue = static_cast<std::int8_t>(rng.uniform(2));
    blue_is_south = static_cast<std::int8_t>(rng.uniform(2));
  }

  constexpr bool at_doors() const { return x == length - 1; }

  constexpr Outcome step(const Settings& s, int action) {
    ++t;
    if (at_doors() && action <= kSouth) {
      const bool right = (blue == blue_is_south) == (action == kSouth);
      return {right ? 1 : s.wrong_reward, true, right ? 1.f : 0.f};
    }
    x += (action == kEast && !at_doors()) - (action == kWest && x > 0);
    return {.reward = s.step_reward};
  }

  constexpr void observe(const Settings& s, std::span<std::uint8_t> view) const {
    const bool doors = at_doors();
    view[0] = static_cast<std::uint8_t>(t < s.cue_steps ? kRedObject + blue : kHallway);
    view[1] = static_cast<std::uint8_t>(doors ? kBlueDoor - blue_is_south : kWallCode);
    view[2] = static_cast<std::uint8_t>(doors ? kRedDoor + blue_is_south : kWallCode);
    view[3] = doors ? kWallCode : kHallway;
    view[4] = kHallway;
  }

  constexpr int limit(const Settings&) const { return 4 * length + 40; }
  constexpr int size() const { return length; }

  /// Three rows; column 0 is the cell west of the start, the last one the wall at the end.
  Picture picture(const Settings& s) const {
    const auto door = [](bool is_blue) { return Picture::Tile{is_blue ? kBlue : kRed, U'\u25AE', 0}; };
    Picture p(length + 2, 3, {kWall, 0, 0});
    for (int column = 0; column <= length; ++column) p.at(column, 1) = {kFloor, 0, 0};
    p.at(length, 0) = door(!blue_is_south);
    p.at(length, 2) = door(blue_is_south);
    p.agent_x = x + 1;
    p.agent_y = 1;
    if (t < s.cue_steps) p.at(x + 1, 1) = {blue ? kBlue : kRed, U'\u25CF', 0};
    for (const auto [dx, dy] : {std::array{0, 0}, {0, -1}, {0, 1}, {1, 0}, {-1, 0}})
      p.at(x + 1 + dx, 1 + dy).in_view = 1;
    return p;
  }

  std::int32_t x, t, length;
  std::int8_t blue, blue_is_south;  // 0 or 1
};

}  // namespace

WANE_WORLD(Corridor, "corridor",
           "one colour, seen at the start of a long hallway, names the right one of two doors at its end", kPage)
}  // namespace wane
