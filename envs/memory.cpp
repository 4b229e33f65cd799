#include "envs/minigrid.h"

namespace wane {
namespace {

constexpr const char* kPage = R"(Memory: which of two objects stood in the first room? MiniGrid's Memory.
Rules, view and rewards are those of the package minigrid 3.0.0 (Chevalier-Boisvert et al. 2023), compared with it step
by step; layouts have its distribution, but are drawn with our random numbers.

Rules. S x S tiles, S odd. Row m = (S - 1) / 2 runs from a room of 3 x 3 tiles (x = 1..3) east through a hallway one
tile wide to a crossing at x = H + 1, where tiles lead north and south. H = S - 3, or with `random_length` drawn from
4..S-3. A green key or ball (drawn) stands in the room at (1, m - 1). Two tiles north of the crossing stands one of
the two, two tiles south the other (drawn). The agent starts anywhere in row m at x = 1..H (see Size), facing east. left
and right turn, forward walks on unless a wall or an object is ahead; pickup, drop, toggle and done do nothing. The
tiles next to the crossing, one north and one south, end the episode: right is the one before the object that is like
the one in the room.

Observation: minigrid's obs["image"], flattened as numpy does it: 7 columns from the agent's left to its right, 7
tiles in each from the farthest to the nearest, 3 codes per tile. The agent is the nearest tile of the middle column.
What is hidden behind walls is unseen. Codes of a tile:
  object: 0 unseen   1 empty   2 wall   5 key   6 ball
  colour: 0 none   1 green (key, ball)   5 grey (wall)
  state: 0
With `direction_shown` a 148th cell holds minigrid's obs["direction"]: 0 east, 1 south, 2 west, 3 north. It is off at
first: all cells share one alphabet, where a direction would look like an object. There are no floats.

Rewards: 0, but 1 - 0.9 steps / T for the step onto the right tile, T = 5 S S.
End: the right and the wrong tile terminate, T steps truncate. Success: the right tile.
Size: S. Difficulty d: the odd sizes in lo..max(lo, round(hi d)); lo + 1 if there are none; and the agent starts at
x = 1..max(1, round(d H)), so that the easiest episodes begin with the room's object in view. minigrid's MemoryS13 is
size [13, 13], the default; its MemoryS17Random is size [17, 17] with random_length.

Best scores. A perfect memory looks back at the object first, which takes 0 steps from x = 1, 2 from x = 2..4 (one
turn and back), 4 from x = 5..7, and 4 + 2 (x - 7) from farther, and then walks: success 1, mean return at S = 13
0.98754. Without memory, H >= 7: the room's object is seen from x <= 7 alone, the crossing is entered from x = H
facing east, and no tile or heading from there on tells what was seen: success 0.5, mean return at S = 13 0.49601
(walking straight to either side, H - x + 3 steps). With H <= 6 (S = 7 and 9, and short hallways of `random_length`)
the view west from the crossing holds all three objects, and an agent without memory can do better than 0.5.
)";

using namespace minigrid;

struct MiniGridMemory : Grid {
  struct Settings {
    Range<int> size{13, 13};
    bool random_length = false, direction_shown = false;

    void describe(auto&& setting) {
      setting("size", size, 7, 17, "tiles", "S, the grid's side with its walls, an odd one drawn per episode");
      setting("random_length", random_length, "the hallway's end is drawn too");
      setting("direction_shown", direction_shown, "a 148th cell holds the way the agent faces");
    }
  };

  static Spec spec(const Settings& s) {
    return {.cells = View::kCodes + s.direction_shown, .codes = kCodes, .actions = minigrid::kActions};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    const Range<int> sizes = s.size.scaled(difficulty);
    const int least = sizes.lo | 1, more = sizes.hi < least ? 0 : (sizes.hi - least) / 2;
    side = static_cast<std::int8_t>(least + 2 * rng.uniform(more + 1));
    const int middle = side / 2;
    const int end = s.random_length ? 4 + rng.uniform(side - 6) : side - 3;
    fence();
    for (int i = 1; i < 5; ++i) wall(i, middle - 2), wall(i, middle + 2);
    for (int i = 4; i < end; ++i) wall(i, middle - 1), wall(i, middle + 1);
    for (int i = 0; i < side; ++i) wall(end, i, i != middle), wall(end + 2, i);
    x = static_cast<std::int8_t>(rng.uniform(Range<int>{1, end}.scaled(difficulty)));
    y = static_cast<std::int8_t>(middle);
    const int ball_first = rng.uniform(2), ball_north = rng.uniform(2);
    const auto place = [this](int i, int at_x, int at_y, int ball) {
      things[i] = {static_cast<std::int8_t>(at_x), static_cast<std::int8_t>(at_y),
                   static_cast<std::uint8_t>(kKey + ball), kGreenCode, 0};
    };
    place(0, 1, middle - 1, ball_first);
    place(1, end + 1, middle - 2, ball_north);
    place(2, end + 1, middle + 2, !ball_north);
  }

  constexpr Outcome step(const Settings& s, int action) {
    ++t;
    if (action <= kForward) act(action);  // pickup is toggle here, and neither it nor drop finds anything to do
    const int side_step = y - side / 2;
    if (x != things[1].x || side_step == 0) return {};
    const bool right = things[side_step < 0 ? 1 : 2].object == things[0].object;
    return {right ? success_reward(t, limit(s)) : 0, true, right ? 1.f : 0.f};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> cells) const { look(cells); }
  constexpr int limit(const Settings&) const { return 5 * side * side; }
  constexpr int size() const { return side; }
  Picture picture(const Settings&) const { return draw(); }
};

}  // namespace

WANE_WORLD(MiniGridMemory, "memory",
           "MiniGrid's Memory: the object of the first room tells which way to turn at the hallway's end", kPage)
}  // namespace wane
