#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage =
    R"(T-Maze: a cue at one end of a corridor says which way to turn at the other, after a fixed time.
After the passive and the active T-Maze of Ni et al. 2023 ("When do transformers shine in RL? Decoupling memory from
credit assignment"), which go back to Bakker 2001 (there without a penalty: `penalty` 0).

Rules. A corridor of L steps from the oracle cell x = 0 to the junction, L drawn per episode from `length`; `active`
puts the start one cell east of the oracle and the junction one cell further: o = 1, else the agent starts in the
oracle cell: o = 0. So the agent starts at x = o, and the junction is at x = L + o. North and south of the junction is
an arm of one cell; one of the two is the goal, either as likely. Actions north, south, east, west move the agent;
moving into a wall changes nothing. From an arm only the way back to the junction is open. The oracle cell shows the
goal for one observation, on the first visit, never again. The episode lasts T = L + 1 + 2 o steps, whatever is done:
just enough to see the cue, to walk to the junction and to turn.

Observation: 1 cell, no floats. Codes:
  0 corridor, also the oracle cell after its first visit   1 the goal is north   2 the goal is south
  3 junction   4 north arm   5 south arm

Rewards: the T-th step gives 1 when it leaves the agent in the goal arm, else 0. Every other step, counted from t = 1,
gives -penalty / L when afterwards x < t - o, that is when the agent is behind one that walked to the oracle and then
east without a pause; else 0.
End: the T-th step terminates. Success: in the goal arm after the T-th step.
Size: L. Difficulty d: lengths from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return 1. A perfect agent without memory walks east and then into one arm:
success 0.5, return 0.5. It can do no better: where the cue was seen at most one step is left at the junction, and
nothing that the corridor shows differs by the goal.

The same as in the paper's code: T, the goal's reward, when a step is late, one sight of the cue, what is told apart
(its two numbers are: at the junction or not, and the cue or the arm). Different: the pair is one code; L can vary
between episodes, there it is fixed. `penalty` 1 is its penalty, 1/L a step, in the passive form the paper's 1/(T - 1).
)";

enum Action { kNorth, kSouth, kEast, kWest };
enum Code : std::uint8_t { kCorridor, kGoalNorth, kGoalSouth, kJunction, kNorthArm, kSouthArm, kCodes };

struct TMaze {
  struct Settings {
    bool active = false;
    Range<int> length{10, 100};
    float penalty = 1;

    void describe(auto&& setting) {
      setting("active", active, "the agent starts one step off the oracle cell and must go there first");
      setting("length", length, 1, 1'000'000, "steps", "corridor, drawn per episode");
      setting("penalty", penalty, 0, 10, "reward", "taken off over L late steps, 1/L of it by each");
    }
  };

  static constexpr const char* kActions[] = {"north", "south", "east", "west"};
  static Spec spec(const Settings&) { return {.cells = 1, .codes = kCodes, .actions = kActions}; }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    length = rng.uniform(s.length.scaled(difficulty));
    goal_y = static_cast<std::int8_t>(2 * rng.uniform(2) - 1);
    x = s.active;
    junction = length + s.active;
    late_reward = 0 - s.penalty / static_cast<float>(length);  // no -0 where there is no penalty
    look();
  }

  constexpr void look() {
    cue_seen = x == 0 && !oracle_visited;
    oracle_visited |= x == 0;
  }

  constexpr Outcome step(const Settings& s, int action) {
    ++t;
    const bool turns = x == junction && action <= kSouth;
    if (turns) y = static_cast<std::int8_t>(y + (action == kSouth && y < 1) - (action == kNorth && y > -1));
    else if (y == 0) x += (action == kEast && x < junction) - (action == kWest && x > 0);
    look();
    if (t == limit(s)) return {y == goal_y ? 1.f : 0.f, true, y == goal_y ? 1.f : 0.f};
    return {.reward = x < t - s.active ? late_reward : 0};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> view) const {
    const int cue = goal_y < 0 ? kGoalNorth : kGoalSouth, arm = y < 0 ? kNorthArm : kSouthArm;
    view[0] = static_cast<std::uint8_t>(x < junction ? (cue_seen ? cue : kCorridor) : y == 0 ? kJunction : arm);
  }

  constexpr int limit(const Settings& s) const { return length + 1 + 2 * s.active; }
  constexpr int size() const { return length; }

  /// Three rows; the oracle at the left end, an arrow in it while the cue is seen, the goal arm green.
  Picture picture(const Settings&) const {
    Picture p(junction + 1, 3, {kWall, 0, 0});
    for (int column = 0; column <= junction; ++column) p.at(column, 1) = {kFloor, 0, 0};
    p.at(0, 1) = {kYellow, static_cast<std::uint32_t>(!cue_seen ? 0 : goal_y < 0 ? U'\u2191' : U'\u2193'), 0};
    for (const int arm : {-1, 1}) p.at(junction, 1 + arm) = {arm == goal_y ? kGreen : kFloor, 0, 0};
    p.agent_x = x;
    p.agent_y = 1 + y;
    p.at(x, 1 + y).in_view = 1;
    return p;
  }

  std::int32_t x, t, length, junction;
  float late_reward;
  std::int8_t y, goal_y;  // -1 the north arm, 0 the corridor, 1 the south arm
  std::uint8_t cue_seen, oracle_visited;
};

}  // namespace

WANE_WORLD(TMaze, "tmaze", "a cue at one end of a corridor says which way to turn at the other, after a fixed time",
           kPage)
}  // namespace wane
