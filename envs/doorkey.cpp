#include "envs/minigrid.h"

namespace wane {
namespace {

constexpr const char* kPage = R"(Doorkey: fetch the key, open the door, walk to the goal. MiniGrid's DoorKey.
Rules, view and rewards are those of the package minigrid 3.0.0 (Chevalier-Boisvert et al. 2023), compared with it step
by step; layouts have its distribution, but are drawn with our random numbers.

Rules. S x S tiles, the outer ones walls; a wall runs from north to south at x = 2..S-3 (drawn). West of it are the
agent, facing any way, and a key, each on any free tile; in it, at y = 1..S-3, is a locked door; the goal is the tile
in the south-east corner. left and right turn; forward walks on unless a wall, a key or a door that is not open is
ahead; pickup takes the key ahead, drop puts it on the empty floor ahead; toggle unlocks and opens the locked door
ahead if the key is carried, and from then on closes and opens it; done does nothing.

Observation: minigrid's obs["image"], flattened as numpy does it: 7 columns from the agent's left to its right, 7
tiles in each from the farthest to the nearest, 3 codes per tile. The agent is the nearest tile of the middle column;
there it sees what it carries. What is hidden behind walls and closed doors is unseen. Codes of a tile:
  object: 0 unseen   1 empty   2 wall   4 door   5 key   8 goal
  colour: 0 none   1 green (goal)   4 yellow (key, door)   5 grey (wall)
  state, of the door: 0 open   1 closed   2 locked; 0 of all else
With `direction_shown` a 148th cell holds minigrid's obs["direction"]: 0 east, 1 south, 2 west, 3 north. It is off at
first: all cells share one alphabet, where a direction would look like an object, and the view is enough to find the
way. There are no floats.

Rewards: 0, but 1 - 0.9 steps / T for the step onto the goal, T = 10 S S.
End: the goal terminates, T steps truncate. Success: reached the goal.
Size: S. Difficulty d: sizes from lo..max(lo, round(hi d)). minigrid's DoorKey-8x8 is size [8, 8], the default.

Best scores. Who knows the layout: success 1; at S = 8 the shortest way takes 16.77 steps on average (exact, over all
20,400 layouts), a mean return of 0.97642. Who must first look for key and door needs somewhat more steps, without
memory more still: both bests are not known. The image shows the key while it is carried, so that no cue has to be
remembered; memory saves steps. Uniformly random actions: success 0.023 at S = 8 (61,440 episodes).
)";

using namespace minigrid;

struct DoorKey : Grid {
  struct Settings {
    Range<int> size{8, 8};
    bool direction_shown = false;

    void describe(auto&& setting) {
      setting("size", size, 5, 16, "tiles", "S, the grid's side with its walls, drawn per episode");
      setting("direction_shown", direction_shown, "a 148th cell holds the way the agent faces");
    }
  };

  static Spec spec(const Settings& s) {
    return {.cells = View::kCodes + s.direction_shown, .codes = kCodes, .actions = minigrid::kActions};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    side = static_cast<std::int8_t>(rng.uniform(s.size.scaled(difficulty)));
    const int split = 2 + rng.uniform(side - 4), door_y = 1 + rng.uniform(side - 3);
    fence();
    for (int i = 1; i < side - 1; ++i) wall(split, i);
    const int room = side - 2, tiles = room * (split - 1), agent = rng.uniform(tiles), key = rng.uniform(tiles - 1);
    const auto x_of = [room](int tile) { return static_cast<std::int8_t>(1 + tile / room); };
    const auto y_of = [room](int tile) { return static_cast<std::int8_t>(1 + tile % room); };
    const int key_tile = key + (key >= agent);  // any tile but the agent's
    x = x_of(agent);
    y = y_of(agent);
    heading = static_cast<std::int8_t>(rng.uniform(4));
    things[0] = {x_of(key_tile), y_of(key_tile), kKey, kYellowCode, 0};
    things[1] = {static_cast<std::int8_t>(split), static_cast<std::int8_t>(door_y), kDoor, kYellowCode, kLocked};
    things[2] = {static_cast<std::int8_t>(side - 2), static_cast<std::int8_t>(side - 2), kGoal, kGreenCode, 0};
  }

  constexpr Outcome step(const Settings& s, int action) {
    ++t;
    act(action);
    if (x != things[2].x || y != things[2].y) return {};
    return {success_reward(t, limit(s)), true, 1};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> cells) const { look(cells); }
  constexpr int limit(const Settings&) const { return 10 * side * side; }
  constexpr int size() const { return side; }
  Picture picture(const Settings&) const { return draw(); }
};

}  // namespace

WANE_WORLD(DoorKey, "doorkey", "MiniGrid's DoorKey: a key opens the locked door to the goal's room", kPage)
}  // namespace wane
