// The agent learns, forgets what it does not need, and does neither where it must not: seconds each, with one
// seed; WANE_TEST_SEED asks for another.

#include <torch/types.h>

#include <cstdlib>

#include "tiny.h"

namespace wane {
namespace {

struct Outcome {
  std::unique_ptr<Training> run;
  Evaluation greedy, sampled;

  Evaluation judge(const EvaluationOptions& options) const {
    return evaluate(*run->agent, find_world("corridor"), run->settings.world.values, options);
  }
};

Outcome learn(std::vector<std::string> overrides, std::int64_t frames) {
  const std::vector<std::string> base = {"train.envs=32",
                                         "train.steps=8",
                                         "memory.width=32",
                                         "curriculum.episodes=100",
                                         "memory.feed_forward=2",
                                         "expire_span.cost=0.02",
                                         "memory.max_span=64",
                                         "optimiser.learning_rate=0.003",
                                         "expire_span.first_span=30",
                                         "expire_span.least_span=0.5",
                                         "expire_span.restore_at=0.93",
                                         "memory.position_window=33",
                                         "optimiser.span_learning_rate=0.003",
                                         "optimiser.fall_frames=1000000"};
  overrides.insert(overrides.begin(), base.begin(), base.end());
  if (const char* seed = std::getenv("WANE_TEST_SEED")) overrides.push_back("train.seed=" + std::string(seed));
  Outcome outcome;
  outcome.run = std::make_unique<Training>(tiny(overrides));
  while (outcome.run->frames < frames) {
    outcome.run->collect();
    outcome.run->update();
  }
  outcome.greedy = outcome.judge({.episodes = 256, .seed = 11, .greedy = true});
  outcome.sampled = outcome.judge({.episodes = 256, .seed = 12});
  return outcome;
}

TEST(Learning, ReadsItsMemoryAndOnlyWithOne) {
  const Outcome full = learn({"world.length=[2, 4]", "memory.kind=transformer_xl", "a2c.entropy=0.03"}, 100'000);
  EXPECT_GE(full.greedy.success, 0.97);
  EXPECT_GE(full.sampled.success, 0.9);
  const Outcome none = learn({"world.length=[2, 4]", "memory.kind=none", "a2c.entropy=0.03"}, 100'000);
  EXPECT_NEAR(none.greedy.success, 0.5, 0.1);
  EXPECT_NEAR(none.sampled.success, 0.5, 0.1);
}

// 2..12 cells: a mean of 4.7 slots where all are kept, 3.2 where only the cue is.
const std::vector<std::string> kLonger = {"world.length=[2, 12]", "curriculum.start=0.25"};

TEST(Learning, ForgetsAllButTheCue) {
  const Outcome usage = learn(kLonger, 200'000);
  EXPECT_TRUE(usage.run->forgetting.open());
  EXPECT_EQ(usage.run->curriculum.difficulty(), 1);
  EXPECT_GE(usage.greedy.success, 0.97);
  EXPECT_LE(usage.greedy.layers[0].live_slots_mean, 3.6);
  EXPECT_LE(usage.greedy.layers[0].span_mean, 8);

  // The answer is in the memory and nowhere else: with the twin's memory it takes the twin's door.
  const Evaluation swapped = usage.judge({.episodes = 200, .seed = 13, .greedy = true, .swap_at = 1});
  EXPECT_LE(swapped.success, 0.05);

  // The cue is seen once, as code 2 or 3 in cell 0: without that slot it is chance, and there is no older one to miss.
  const EvaluationOptions as_it_is{.episodes = 256, .seed = 14, .greedy = true};
  EvaluationOptions erased = as_it_is, older = as_it_is, shuffled = as_it_is;
  erased.erase.codes = older.erase.codes = {2, 3};
  older.erase.all_but_last = true;
  shuffled.shuffle_lives = true;
  EXPECT_NEAR(usage.judge(erased).success, 0.5, 0.1);
  EXPECT_EQ(usage.judge(older).success, usage.judge(as_it_is).success);
  // As many slots, but whose they are is chance: the cue's is lost where the way is longer than a dull slot's life.
  const Evaluation by_chance = usage.judge(shuffled);
  EXPECT_LE(by_chance.success, 0.85);
  EXPECT_NEAR(by_chance.layers[0].live_slots_mean, usage.judge(as_it_is).layers[0].live_slots_mean, 0.5);
}

TEST(Learning, ExperimentsSayWhatTheyCannotDo) {
  const Training none(tiny({"memory.kind=gru"}));
  const auto judge = [&](const EvaluationOptions& options) {
    return error_of([&] { evaluate(*none.agent, find_world("corridor"), none.settings.world.values, options); });
  };
  EXPECT_NE(judge({.episodes = 4, .shuffle_lives = true}).find("no slots"), std::string::npos);
  EXPECT_NE(judge({.episodes = 4, .erase = {5, {1}}}).find("cells 0..4, not 5"), std::string::npos);
}

TEST(Learning, ForgetsNothingThatIsFree) {
  std::vector<std::string> free = kLonger;
  free.push_back("expire_span.cost=0");
  const Outcome kept = learn(free, 200'000);
  EXPECT_TRUE(kept.run->forgetting.open());
  EXPECT_GE(kept.greedy.success, 0.97);
  EXPECT_GE(kept.greedy.layers[0].live_slots_mean, 4.2);
  EXPECT_GE(kept.greedy.layers[0].span_mean, 29);
}

}  // namespace
}  // namespace wane
