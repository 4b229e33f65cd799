#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage = R"(Count: how many objects were seen along a hallway whose end asks for it.

Rules. A hallway of L cells, one cell wide; L is drawn per episode from `length`. N, one of 1..`objects`, each as
likely, objects lie in N different cells before the last, any such set as likely; where `objects` is more than L - 1
it counts as L - 1. The agent starts in the first cell; east and west move it. An object is seen for one observation,
when its cell is entered for the first time (in the first cell: at the start). In the last cell stands a counter at 0:
north raises it by 1, from `objects` it goes back to 0; south submits what it shows. North and south change nothing in
any other cell, moving into a wall changes nothing, nor does west in the first cell. The counter keeps its value while
the agent walks away. No note of what was seen can be left: all objects lie before the counter, and what can be changed
is the counter alone.

Observation: 2 cells, no floats: own cell, and the counter's value 0..`objects` where the own cell is the counter's,
else 0 (no previous action or reward). Codes of the own cell:
  0 hallway   1 object   2 counter

Rewards: `step_reward` per step, but for the submission: 1 when the counter shows N, else `wrong_reward`.
End: submitting terminates; 4 L + 2 `objects` + 40 steps truncate. Success: submitted N.
Size: L. Difficulty d: lengths from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return 1 + (L - 1 + N) step_reward, in L + N steps. A perfect agent without
memory walks as fast and submits 1, the number that is reached first: success 1/m, m = min(objects, L - 1), at the
defaults 0.2, return (1 + (m - 1) wrong_reward) / m + L step_reward.
)";

enum Action { kNorth, kSouth, kEast, kWest };
enum Code : std::uint8_t { kHallway, kObject, kCounter, kCodes };

struct Count {
  struct Settings {
    Range<int> length{10, 100};
    int objects = 5;
    float step_reward = -0.02f, wrong_reward = 0;

    void describe(auto&& setting) {
      setting("length", length, 2, 1'000'000, "cells", "hallway, drawn per episode");
      setting("objects", objects, 1, 255, "objects", "at most; the least is 1");
      setting("step_reward", step_reward, -1, 1, "reward", "of every step that does not submit");
      setting("wrong_reward", wrong_reward, -10, 1, "reward", "of submitting a wrong number; the right one gives 1");
    }
  };

  static constexpr const char* kActions[] = {"north", "south", "east", "west"};
  static Spec spec(const Settings& s) {
    return {.cells = 2, .codes = s.objects + 1 > kCodes ? s.objects + 1 : int{kCodes}, .actions = kActions};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    length = rng.uniform(s.length.scaled(difficulty));
    count = 1 + rng.uniform(s.objects < length - 1 ? s.objects : length - 1);
    seed = rng.bits();
    left = count;
    enter_new_cell();
  }

  constexpr bool at_counter() const { return x == length - 1; }

  /// Whether cell `at` has one of the `remaining` objects that lie in it or behind it. Drawn when it is entered, so
  /// that no list of cells is kept: each set of cells comes out as likely (Knuth, TAOCP 2, 3.4.2, algorithm S).
  constexpr bool has_object(int at, int remaining) const {
    return Rng(seed, Purpose::episode, static_cast<std::uint32_t>(at)).uniform(length - 1 - at) < remaining;
  }
  constexpr void enter_new_cell() {
    object = left > 0 && has_object(x, left);
    left -= object;
    ++entered;
  }

  constexpr Outcome step(const Settings& s, int action) {
    object = 0;
    if (at_counter() && action == kSouth) {
      const bool right = shown == count;
      return {right ? 1 : s.wrong_reward, true, right ? 1.f : 0.f};
    }
    if (at_counter() && action == kNorth) shown = shown < s.objects ? shown + 1 : 0;
    x += (action == kEast && !at_counter()) - (action == kWest && x > 0);
    if (x == entered) enter_new_cell();
    return {.reward = s.step_reward};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> view) const {
    view[0] = static_cast<std::uint8_t>(at_counter() ? kCounter : object);
    view[1] = static_cast<std::uint8_t>(at_counter() ? shown : 0);
  }

  constexpr int limit(const Settings& s) const { return 4 * length + 2 * s.objects + 40; }
  constexpr int size() const { return length; }

  /// Two rows: the hallway with the objects still to come, and above its last cell the counter's value, in decimals.
  Picture picture(const Settings&) const {
    constexpr int kDigits = 3;
    const int width = length < kDigits ? kDigits : length, first = width - length;
    Picture p(width, 2, {kWall, 0, 0});
    for (int at = 0; at < length; ++at) p.at(first + at, 1) = {kFloor, 0, 0};
    for (int at = entered, remaining = left; remaining > 0; ++at)
      if (has_object(at, remaining)) {
        p.at(first + at, 1) = {kYellow, U'\u25CF', 0};
        --remaining;
      }
    if (object) p.at(first + x, 1) = {kYellow, U'\u25CF', 0};
    p.at(width - 1, 1).colour = kGreen;
    for (int digit = 0, rest = shown; digit < kDigits && (digit == 0 || rest > 0); ++digit, rest /= 10)
      p.at(width - 1 - digit, 0) = {kBlack, static_cast<std::uint32_t>('0' + rest % 10), at_counter() ? 1u : 0u};
    p.agent_x = first + x;
    p.agent_y = 1;
    p.at(p.agent_x, 1).in_view = 1;
    return p;
  }

  std::uint64_t seed;               // of the objects' places
  std::int32_t x, length, entered;  // entered: cells, which are 0..entered-1
  std::int32_t count, left, shown;  // objects in all, not yet seen, on the counter
  std::int32_t object;              // 1: one is seen now
};

}  // namespace

WANE_WORLD(Count, "count", "objects along a hallway are seen once each, and its end asks how many they were", kPage)
}  // namespace wane
