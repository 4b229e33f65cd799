// What a training hands to its watcher: episodes of environment 0 that, acted again, end as they did, and its weights.

#include "agents/feed.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "agents/recording.h"
#include "envs/registry.h"
#include "tiny.h"

namespace wane {
namespace {

struct Watched {
  Training training;
  Feed feed;
  std::vector<Batch::Episode> ended;  // of environment 0

  explicit Watched(const Settings& settings) : training(settings), feed(training) {}
  void block() {
    training.collect();
    for (const auto& episode : training.rollout.finished)
      if (episode.lane == 0) ended.push_back(episode);
    feed.note(training);
    training.update();
  }
};

LoadedAgent empty_agent(const Training& training) {
  return {training.settings, 0, std::make_unique<Agent>(training.settings, training.agent->senses(), 1)};
}

TEST(Feed, GivesNothingUnasked) {
  Watched watched(tiny());
  for (int i = 0; i < 4; ++i) watched.block();
  EXPECT_FALSE(watched.feed.take());
}

TEST(Feed, AnEpisodeActedAgainEndsAsItDid) {
  Watched watched(tiny());
  int whole = 0;
  for (int i = 0; i < 40; ++i) {
    watched.feed.ask();
    watched.block();
    const auto live = watched.feed.take();
    ASSERT_TRUE(live);  // episode 0 is known from its first step: there is always one
    EXPECT_FALSE(watched.feed.take());
    if (!live->ended) continue;
    ++whole;
    const Batch::Episode& end = watched.ended.back();
    EXPECT_EQ(live->seed, end.seed);
    EXPECT_EQ(static_cast<int>(live->actions.size()), end.length);
    const LoadedAgent loaded = empty_agent(watched.training);
    load_weights(*live, *loaded.agent);
    Recording again(loaded, live->seed, {.difficulty = live->difficulty, .script = live->actions});
    while (again.advance()) {
    }
    ASSERT_TRUE(again.ended());
    EXPECT_EQ(again.length(), end.length);
    EXPECT_EQ(again.episode()->episode_return, end.episode_return);
  }
  EXPECT_GT(whole, 3);
}

TEST(Feed, TheWeightsAreThoseOfTheBlock) {
  Watched watched(tiny());
  watched.block();
  std::vector<torch::Tensor> before;
  for (const auto& weight : watched.training.agent->parameters()) before.push_back(weight.detach().clone());
  watched.feed.ask();
  watched.block();  // learns after the hand-over
  const auto live = watched.feed.take();
  ASSERT_TRUE(live);
  const LoadedAgent loaded = empty_agent(watched.training);
  load_weights(*live, *loaded.agent);
  const auto given = loaded.agent->parameters(), now = watched.training.agent->parameters();
  bool moved = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(torch::equal(given[i], before[i]));
    moved |= !torch::equal(given[i], now[i]);
  }
  EXPECT_TRUE(moved);
}

TEST(Feed, BeingWatchedChangesNothing) {
  Watched watched(tiny());
  Training alone(tiny());
  for (int i = 0; i < 6; ++i) {
    watched.feed.ask();
    watched.block();
    alone.collect();
    alone.update();
  }
  const auto a = watched.training.agent->parameters(), b = alone.agent->parameters();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::equal(a[i], b[i]));
}

/// A script is followed up to an edit; from there on the policy acts, and the episode may last longer than the script.
TEST(Feed, AScriptStopsWhereItEndsAndAtAnEdit) {
  const Training training(tiny());
  const LoadedAgent loaded = empty_agent(training);
  const std::vector<std::int32_t> west(5, 3);  // into the wall
  Recording scripted(loaded, 7, {.greedy = true, .script = west});
  while (scripted.advance()) {
  }
  EXPECT_FALSE(scripted.ended());
  EXPECT_EQ(scripted.length(), 5);
  for (const RecordedStep& step : scripted.steps()) EXPECT_EQ(step.action, 3);
  Recording other = scripted.what_if({.kind = Edit::action, .step = 2, .act = 1});
  while (other.length() < 8 && other.advance()) {
  }
  EXPECT_EQ(other.length(), 8);
  EXPECT_EQ(other.steps()[1].action, 3);
  EXPECT_EQ(other.steps()[2].action, 1);
}

}  // namespace
}  // namespace wane
