#include "envs/world.h"

namespace {

using namespace wane;

constexpr const char* kPage = R"(Coin: a coin is shown once; some steps later it is asked which side was up.

Rules. Heads or tails, drawn per episode, is shown at the start. For `delay` steps nothing is shown and nothing that
the agent does matters. Then a question mark is shown, and the next action is the answer.

Observation: 1 cell. Codes: 0 nothing, 1 heads, 2 tails, 3 the question.
Rewards: 1 for the right answer, `wrong_reward` for the wrong one, 0 before.
End: the answer terminates. Success: it was right.
Size: the delay. Difficulty d: delays from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return 1. Without memory: success 0.5, return (1 + wrong_reward) / 2.
)";

struct Coin {
  struct Settings {
    Range<int> delay{1, 20};
    float wrong_reward = 0;

    void describe(auto&& setting) {
      setting("delay", delay, 1, 1000, "steps", "between the coin and the question, drawn per episode");
      setting("wrong_reward", wrong_reward, -1, 0, "reward", "for the wrong answer; the right one gives 1");
    }
  };

  static constexpr const char* kActions[] = {"heads", "tails"};
  static Spec spec(const Settings&) { return {.cells = 1, .codes = 4, .actions = kActions}; }

  void reset(const Settings& s, float difficulty, Rng& rng) {
    delay = rng.uniform(s.delay.scaled(difficulty));
    side = rng.uniform(2);
  }

  bool asked() const { return t == delay; }

  Outcome step(const Settings& s, int action) {
    if (!asked()) return ++t, Outcome{};
    return action == side ? Outcome{.reward = 1, .terminated = true, .success = 1} : Outcome{s.wrong_reward, true};
  }

  void observe(const Settings&, std::span<std::uint8_t> view) const {
    view[0] = static_cast<std::uint8_t>(t == 0 ? 1 + side : asked() ? 3 : 0);
  }

  int limit(const Settings&) const { return delay + 1; }
  int size() const { return delay; }

  Picture picture(const Settings&) const {
    if (t == 0) return {1, 1, {side ? kYellow : kRed, static_cast<std::uint32_t>(side ? 'T' : 'H'), 1}};
    return {1, 1, {kFloor, asked() ? U'?' : 0u, 1}};
  }

  std::int32_t delay, side, t;  // t stays at `delay` until the answer
};

}  // namespace

WANE_WORLD(Coin, "coin", "a coin, shown once, and asked for later", kPage)
