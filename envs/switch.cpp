#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage =
    R"(Switch: corridor after corridor, each with its own colour to remember, and the last one to let go.

Rules. M corridors (`doors`) in a row, without a reset between them. Each is a hallway of L cells, one cell wide; L is
drawn per corridor from `length`. The agent starts in the first cell; actions north, south, east, west move it, it
has no heading. On arrival a red or blue object is in its cell, for that one observation, its colour drawn anew for
every corridor. With probability `again` an object is shown once more, for one observation, when a random cell (not
the first, not the last) is entered for the first time. Its colour is drawn anew too, red or blue alike, and it looks
exactly like the first object. The colour that counts is the last one shown in this corridor. North and south of the
last cell stand one red and one blue door, in random order. Either leads to the first cell of the next corridor, and
nothing but the object marks it. Moving into a wall, or into the cell west of the start, changes nothing. No note can
be left: cells before the last look alike, but for an object, and nothing done there changes what will be seen. A
hallway of two cells has no cell for a second object.

Observation: 5 cells, no floats: own cell, north, south, east, west (no diagonals, no previous action or reward).
Codes:
  0 wall   1 hallway   2 red object   3 blue object   4 red door   5 blue door
Doors are seen from the last cell only; the cell west of the start looks like hallway.

Rewards: `right_reward` for a step into the door of the colour that counts, `wrong_reward` into the other,
`step_reward` for every other step.
End: the M-th door terminates, right or wrong; 4 S + 40 M steps truncate, S = the sum of all L. Success: right doors
divided by M, also when truncated. All doors were right exactly when success is 1: the share of episodes with
success 1 is the all-right share.
Size: S, which is what a perfect agent needs. Difficulty d: lengths from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return M right_reward + (S - M) step_reward, in S steps. A perfect agent
without memory walks as fast and guesses: success 0.5, return M (right_reward + wrong_reward) / 2 + (S - M)
step_reward, all right with probability 0.5^M. A memory that keeps each corridor's first colour and not the second:
success 1 - again / 2, where hallways have three cells or more: 0.75 at the defaults.
With `again` 0 and rewards 1, -1, -0.01 this is the Endless T-Maze of Shchendrigin et al. 2026 ("Memory retention is
not enough to master memory tasks in reinforcement learning") in form: configs/endless_tmaze.yaml.
)";

enum Action { kNorth, kSouth, kEast, kWest };
enum Code : std::uint8_t { kWallCode, kHallway, kRedObject, kBlueObject, kRedDoor, kBlueDoor, kCodes };

struct Switch {
  struct Settings {
    int doors = 20;
    Range<int> length{5, 30};
    float again = 0.5f, right_reward = 1, wrong_reward = 0, step_reward = -0.01f;

    void describe(auto&& setting) {
      setting("doors", doors, 1, 1000, "doors", "M, corridors of an episode");
      setting("length", length, 2, 500'000, "cells", "hallway, drawn per corridor");
      setting("again", again, 0, 1, "probability", "that a corridor shows a second object, whose colour then counts");
      setting("right_reward", right_reward, 0, 10, "reward", "of a step into the right door");
      setting("wrong_reward", wrong_reward, -10, 1, "reward", "of a step into the wrong door");
      setting("step_reward", step_reward, -1, 1, "reward", "of every step that enters no door");
    }
  };

  static constexpr const char* kActions[] = {"north", "south", "east", "west"};
  static Spec spec(const Settings&) { return {.cells = 5, .codes = kCodes, .actions = kActions}; }

  /// The four random words of corridor k. Only the seed is kept: states stay small, and steps draw nothing.
  constexpr std::array<std::uint32_t, 4> words(int k) const {
    return philox4x32(Purpose::episode, seed, 0, static_cast<std::uint64_t>(k));
  }
  static constexpr int pick(std::uint32_t word, int n) {  // 0..n-1
    return static_cast<int>(std::uint64_t{word} * static_cast<std::uint64_t>(n) >> 32);
  }
  constexpr int length_from(const Settings& s, std::uint32_t word) const {
    return s.length.lo + pick(word, longest - s.length.lo + 1);
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    seed = rng.bits();
    longest = s.length.scaled(difficulty).hi;
    for (int k = 0; k < s.doors; ++k) total += length_from(s, words(k)[0]);
    arrive(s);
  }

  constexpr void arrive(const Settings& s) {
    const auto w = words(door);
    length = length_from(s, w[0]);
    x = 0;
    blue = static_cast<std::uint8_t>(w[1] & 1);
    blue_again = static_cast<std::uint8_t>(w[1] >> 1 & 1);
    blue_is_south = static_cast<std::uint8_t>(w[1] >> 2 & 1);
    const bool again = length > 2 && static_cast<double>(w[2]) < static_cast<double>(s.again) * 0x1p32;
    second = again ? 1 + pick(w[3], length - 2) : kNone;
    own_cell = static_cast<std::uint8_t>(kRedObject + blue);
  }

  constexpr bool at_doors() const { return x == length - 1; }

  constexpr Outcome step(const Settings& s, int action) {
    own_cell = kHallway;
    const bool enters = at_doors() && action <= kSouth;
    const bool is_right = enters && (blue == blue_is_south) == (action == kSouth);
    right += is_right;
    door += enters;
    const float success = static_cast<float>(right) / static_cast<float>(s.doors);
    if (enters) {
      if (door < s.doors) arrive(s);
      return {is_right ? s.right_reward : s.wrong_reward, door == s.doors, success};
    }
    x += (action == kEast && !at_doors()) - (action == kWest && x > 0);
    if (x == second) {
      blue = blue_again;
      second = kNone;
      own_cell = static_cast<std::uint8_t>(kRedObject + blue);
    }
    return {.reward = s.step_reward, .success = success};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> view) const {
    const bool doors = at_doors();
    view[0] = own_cell;
    view[1] = static_cast<std::uint8_t>(doors ? kBlueDoor - blue_is_south : kWallCode);
    view[2] = static_cast<std::uint8_t>(doors ? kRedDoor + blue_is_south : kWallCode);
    view[3] = doors ? kWallCode : kHallway;
    view[4] = kHallway;
  }

  constexpr int limit(const Settings& s) const { return 4 * total + 40 * s.doors; }
  constexpr int size() const { return total; }

  /// The corridor under way, as wide as the longest can be: column 0 is the cell west of the start. An object still to
  /// come lies in its cell.
  Picture picture(const Settings&) const {
    const auto tile = [](int is_blue, char32_t glyph) { return Picture::Tile{is_blue ? kBlue : kRed, glyph, 0}; };
    Picture p(longest + 2, 3, {kWall, 0, 0});
    for (int column = 0; column <= length; ++column) p.at(column, 1) = {kFloor, 0, 0};
    p.at(length, 0) = tile(!blue_is_south, U'\u25AE');
    p.at(length, 2) = tile(blue_is_south, U'\u25AE');
    if (second != kNone) p.at(second + 1, 1) = tile(blue_again, U'\u25CF');
    if (own_cell != kHallway) p.at(x + 1, 1) = tile(blue, U'\u25CF');
    p.agent_x = x + 1;
    p.agent_y = 1;
    for (const auto [dx, dy] : {std::array{0, 0}, {0, -1}, {0, 1}, {1, 0}, {-1, 0}})
      p.at(x + 1 + dx, 1 + dy).in_view = 1;
    return p;
  }

  static constexpr int kNone = -1;
  std::uint64_t seed;
  std::int32_t x, length, second;                // second: the cell of the object to come, or kNone
  std::int32_t total, longest;                   // cells of all corridors; the length that none exceeds
  std::int16_t door, right;                      // doors entered, the right ones among them
  std::uint8_t own_cell;                         // its code
  std::uint8_t blue, blue_again, blue_is_south;  // 0 or 1; blue: the colour that counts so far
};

}  // namespace

WANE_WORLD(Switch, "switch",
           "corridor after corridor, each with its own colour for its two doors, sometimes shown anew on the way",
           kPage)
}  // namespace wane
