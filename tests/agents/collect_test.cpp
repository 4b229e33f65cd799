// A rollout against the same episodes acted once more by each environment alone, with worlds and memories of its own.

#include <torch/types.h>

#include <cmath>

#include "envs/rng.h"
#include "tiny.h"

namespace wane {
namespace {

/// Environment `lane` of an `Acting`, alone: what it sees, and what the agent thinks of it.
class Alone {
 public:
  Alone(const Acting& acting, int lane)
      : agent_(acting.agent), batch_(find_world(acting.settings.world.name), acting.settings.world.values, 1,
                                     acting.settings.train.seed, serial, static_cast<std::uint64_t>(lane)),
        previous_(1) {
    begin();
  }

  Observation seen() const { return sense_alone(agent_.senses(), batch_, previous_, 0); }

  /// The value of what is seen now, in the light of all that this episode showed before: from an empty memory anew.
  Decision judge() const {
    MemoryState memory = agent_.memory().begin(1, static_cast<int>(history_.size()) + 1);
    for (const Observation& before : history_) step(agent_, memory, before);
    return step(agent_, memory, seen());
  }

  void act(std::int32_t action) {
    history_.push_back(seen());
    batch_.step({&action, 1});
    previous_.action[0] = action;
    previous_.reward[0] = batch_.rewards()[0];
  }

  void begin() {
    history_.clear();
    previous_.forget(0);
    batch_.reset_done();
  }

  const Batch& batch() const { return batch_; }

 private:
  const Agent& agent_;
  Batch batch_;
  Previous previous_;
  std::vector<Observation> history_;
};

struct Found {
  int truncated = 0, terminated = 0, finished = 0, judged = 0;
};

/// Acts `blocks` blocks, and checks everything in the rollouts against environments that act alone.
Found compare(const Settings& settings, int blocks) {
  Acting acting(settings);
  const Rollout& r = acting.rollout;
  std::vector<Alone> alone;
  for (int b = 0; b < r.envs; ++b) alone.emplace_back(acting, b);
  std::vector<std::uint64_t> episodes(r.envs, 0);
  std::vector<bool> slipped(r.envs, false);
  Found found;
  for (int block = 0; block < blocks; ++block) {
    const auto before = static_cast<std::uint64_t>(acting.memory.now);
    acting.collect();
    found.finished += static_cast<int>(r.finished.size());
    found.judged += static_cast<int>(r.judged.size());
    std::vector<std::vector<Batch::Episode>> finished(r.envs);
    for (const auto& episode : r.finished) finished[episode.lane].push_back(episode);
    std::vector<std::vector<std::uint64_t>> judged(r.envs), without_slip(r.envs);
    for (const auto& episode : r.judged) judged[episode.lane].push_back(episode.seed);
    for (int b = 0; b < r.envs; ++b) {
      std::size_t ended = 0;
      for (int t = 0; t < r.steps; ++t) {
        SCOPED_TRACE(testing::Message() << "block " << block << ", environment " << b << ", step " << t);
        const std::size_t at = std::size_t(b) * r.steps + t;
        const Observation seen = alone[b].seen();
        EXPECT_TRUE(same(r.observation.symbols[b][t], seen.symbols[0]));
        EXPECT_TRUE(same(r.observation.numbers[b][t], seen.numbers[0]));
        const Decision decision = alone[b].judge();
        EXPECT_NEAR(r.values[at], decision.value.item<float>(), 1e-5);
        const torch::Tensor chances = torch::softmax(decision.logits[0].to(torch::kFloat64), 0).cumsum(0);
        const double u = uniform01(Purpose::action, settings.train.seed, b, before + t);
        const auto action = r.actions[at];
        EXPECT_GT(chances[action].item<double>(), u - 1e-5);
        EXPECT_LT(action > 0 ? chances[action - 1].item<double>() : 0, u + 1e-5);
        const torch::Tensor likely = torch::softmax(decision.logits[0].to(torch::kFloat64), 0);
        if ((likely[action] / likely.max()).item<double>() < settings.curriculum.slip) slipped[b] = true;

        alone[b].act(static_cast<std::int32_t>(action));
        const Batch& world = alone[b].batch();
        EXPECT_EQ(r.rewards[at], world.rewards()[0]);
        EXPECT_EQ(r.terminated[at], world.terminated()[0]);
        EXPECT_EQ(r.truncated[at], world.truncated()[0]);
        found.terminated += r.terminated[at];
        found.truncated += r.truncated[at];
        if (r.terminated[at]) {
          EXPECT_EQ(r.next_values[at], 0);
        } else if (r.truncated[at] || t + 1 == r.steps) {
          EXPECT_NEAR(r.next_values[at], alone[b].judge().value.item<float>(), 1e-5);
        } else {
          EXPECT_EQ(r.next_values[at], 0);  // its value is the next step's
        }
        if (!r.terminated[at] && !r.truncated[at]) continue;
        if (ended == finished[b].size()) {
          ADD_FAILURE() << "an episode that ended is not among the finished";
          continue;
        }
        const Batch::Episode& episode = finished[b][ended++];
        EXPECT_EQ(episode.seed, world.finished()[0].seed);
        EXPECT_EQ(episode.seed, episode_seed(settings.train.seed, b, episodes[b]++));
        EXPECT_EQ(episode.length, world.finished()[0].length);
        EXPECT_EQ(episode.episode_return, world.finished()[0].episode_return);
        if (!slipped[b]) without_slip[b].push_back(episode.seed);
        slipped[b] = false;
        alone[b].begin();
      }
      EXPECT_EQ(ended, finished[b].size());
      EXPECT_EQ(judged[b], without_slip[b]);
    }
    acting.next_block();
  }
  return found;
}

// 6 cells, 64 steps: an untrained agent reaches the doors at times, and is truncated at others, in mid-block.
const std::vector<std::string> kLong = {"world.length=[6, 6]", "train.envs=4", "train.steps=12", "memory.max_span=300"};

std::vector<std::string> with(std::vector<std::string> overrides, const std::vector<std::string>& more) {
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

TEST(Collect, EqualsEveryEnvironmentActingAlone) {
  const Found found = compare(tiny(with(kLong, {"memory.kind=transformer_xl"})), 14);
  EXPECT_GE(found.truncated, 3);
  EXPECT_GE(found.terminated, 3);
  EXPECT_EQ(found.finished, found.truncated + found.terminated);
  EXPECT_EQ(found.judged, found.finished);
}

TEST(Collect, JudgesNoEpisodeWithASlip) {
  // An untrained agent likes its actions almost equally well: a mark this high makes slips of some.
  const Found found = compare(tiny({"train.envs=4", "train.steps=12", "curriculum.slip=0.97"}), 80);
  EXPECT_GE(found.judged, 3);
  EXPECT_GE(found.finished - found.judged, 3);
}

TEST(Collect, EqualsEveryEnvironmentActingAloneWhereSlotsDie) {
  const Found found = compare(tiny(with(kLong, {"memory.layers=2", "expire_span.first_span=5"})), 14);
  EXPECT_GE(found.truncated, 3);
  EXPECT_GE(found.terminated, 3);
}

TEST(Collect, ShowsThePreviousActionAndReward) {
  const std::vector<std::string> portal = {"world.name=portal", "world.rooms=3", "train.envs=4", "train.steps=10",
                                           "network.previous=action_reward"};
  Settings settings = tiny();
  settings = tiny(with(portal, {}));
  std::erase_if(settings.world.values, [](const WorldSetting& value) { return value.key == "length"; });
  const Found found = compare(settings, 6);
  EXPECT_GE(found.terminated, 3);
}

TEST(Collect, ValuesAreThoseOfTheBlockUnrolled) {
  Acting acting(tiny({"memory.layers=2", "expire_span.first_span=4", "train.steps=16"}));
  for (int block = 0; block < 3; ++block) {
    acting.collect();
    const Replay replay = acting.agent.unroll(acting.memory, acting.rollout.observation, {});
    const torch::Tensor values = replay.decision.value.detach().contiguous();
    for (std::size_t i = 0; i < acting.rollout.values.size(); ++i) {
      EXPECT_NEAR(acting.rollout.values[i], values.data_ptr<float>()[i], 1e-5) << "block " << block << ", " << i;
    }
    acting.next_block();
  }
}

TEST(Collect, RefusesABlockAlreadyBegun) {
  Acting acting(tiny());
  acting.collect();
  EXPECT_THROW(acting.collect(), std::logic_error);
}

}  // namespace
}  // namespace wane
