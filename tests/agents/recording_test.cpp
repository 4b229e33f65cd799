// A recorded episode: any moment of it again, exactly; and the same episode with something changed.

#include "agents/recording.h"

#include <torch/types.h>

#include "tiny.h"

namespace wane {
namespace {

/// An untrained agent whose slots die, in corridors so long that an episode fills several snapshots.
LoadedAgent wanderer(const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides = {"world.length=[40, 40]", "expire_span.first_span=9", "memory.layers=2"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  const Folder folder;
  Training(tiny(overrides)).save(folder / "untrained");
  return load_agent(folder / "untrained", {});
}

constexpr std::uint64_t kSeed = 77;

Recording recorded(const LoadedAgent& agent, std::uint64_t seed = kSeed) {
  Recording episode(agent, seed, {.greedy = false});
  while (episode.advance()) {
  }
  return episode;
}

void expect_same(const Frame& a, const Frame& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.probabilities, b.probabilities);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.picture.agent_x, b.picture.agent_x);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    ASSERT_EQ(a.layers[l].size(), b.layers[l].size());
    for (std::size_t i = 0; i < a.layers[l].size(); ++i) {
      const SlotView &x = a.layers[l][i], &y = b.layers[l][i];
      EXPECT_EQ(x.birth, y.birth);
      EXPECT_EQ(x.remaining, y.remaining);
      EXPECT_EQ(x.span, y.span);
      EXPECT_EQ(x.attention, y.attention);
    }
  }
}

void expect_same_until(const Recording& a, const Recording& b, int step) {
  for (int t = 0; t < step; ++t) {
    EXPECT_EQ(a.steps()[t].action, b.steps()[t].action) << t;
    EXPECT_EQ(a.steps()[t].probabilities, b.steps()[t].probabilities) << t;
  }
}

TEST(Recording, AnyMomentAgainIsTheMomentThatPassed) {
  const LoadedAgent agent = wanderer();
  Recording live(agent, kSeed, {.greedy = false}), episode = recorded(agent);
  std::vector<Frame> passed;
  while (live.advance()) passed.push_back(live.at(live.length() - 1));
  ASSERT_GT(episode.length(), 2 * Recording::kEvery);  // 4 x 40 + 40 steps: an untrained agent finds no door
  ASSERT_EQ(live.length(), episode.length());
  for (const int step : {episode.length() - 1, 0, 70, 69, 70, 71, 64, 63, 128, 1, 199}) {
    SCOPED_TRACE(step);
    expect_same(episode.at(step), passed[step]);
  }
  EXPECT_EQ(episode.at(episode.length()).step, episode.length());
  EXPECT_EQ(episode.episode()->seed, kSeed);
}

TEST(Recording, CountsWhatDies) {
  const LoadedAgent agent = wanderer();
  Recording episode = recorded(agent);
  std::int64_t born = 0, died = 0;
  for (const RecordedStep& step : episode.steps()) {
    ++born;
    died += std::ssize(step.died[0]);
    EXPECT_EQ(step.live[0], born - died);
  }
  EXPECT_GT(died, 100);
}

TEST(Recording, TheSameActionIsNoChange) {
  const LoadedAgent agent = wanderer();
  Recording episode = recorded(agent);
  Recording other = episode.what_if({.kind = Edit::action, .step = 90, .act = episode.steps()[90].action});
  while (other.advance()) {
  }
  ASSERT_EQ(other.length(), episode.length());
  expect_same_until(episode, other, episode.length());
}

TEST(Recording, AnErasedSlotIsGoneAndTheRecordStays) {
  const LoadedAgent agent = wanderer();
  Recording episode = recorded(agent);
  for (const int step : {64, 90, 128}) {
    SCOPED_TRACE(step);
    const Frame before = episode.at(step);
    const std::int64_t victim = before.layers[0][1].birth;
    Recording other = episode.what_if({.kind = Edit::erase, .step = step, .layer = 0, .birth = victim});
    while (other.advance()) {
    }
    expect_same_until(episode, other, step);
    const Frame after = other.at(step);
    EXPECT_EQ(after.layers[0].size() + 1, before.layers[0].size());
    for (const SlotView& slot : after.layers[0]) EXPECT_NE(slot.birth, victim);
    EXPECT_NE(after.probabilities, before.probabilities);
    expect_same(episode.at(step), before);
    other.at(0);
    expect_same(other.at(step), after);  // the edit is part of the record
  }
}

TEST(Recording, APinnedSlotOutlivesTheOthers) {
  const LoadedAgent agent = wanderer();
  Recording episode = recorded(agent);
  const std::int64_t kept = episode.at(70).layers[1].front().birth;
  Recording other = episode.what_if({.kind = Edit::pin, .step = 70, .layer = 1, .birth = kept});
  while (other.advance()) {
  }
  EXPECT_EQ(other.at(other.length() - 1).layers[1].front().birth, kept);
  EXPECT_GT(episode.at(episode.length() - 1).layers[1].front().birth, kept);
  Recording twice = other.what_if({.kind = Edit::erase, .step = 100, .layer = 1, .birth = kept});
  EXPECT_TRUE(twice.advance());
  EXPECT_NE(twice.at(100).layers[1].front().birth, kept);
}

TEST(Recording, ATransplantedMemoryIsTheOthers) {
  const LoadedAgent agent = wanderer();
  Recording episode = recorded(agent), twin = recorded(agent, kSeed + 1);
  Recording same = episode.what_if({.kind = Edit::transplant, .step = 80, .memory = episode.memory_before(80)});
  while (same.advance()) {
  }
  expect_same_until(episode, same, episode.length());
  Recording other = episode.what_if({.kind = Edit::transplant, .step = 80, .memory = twin.memory_before(80)});
  EXPECT_TRUE(other.advance());
  const Frame mine = other.at(80), theirs = twin.at(80);
  ASSERT_EQ(mine.layers[0].size(), theirs.layers[0].size());
  for (std::size_t i = 0; i < mine.layers[0].size(); ++i) EXPECT_EQ(mine.layers[0][i].birth, theirs.layers[0][i].birth);
}

TEST(Recording, RefusesWhatIsNotThere) {
  const LoadedAgent agent = wanderer();
  Recording episode = recorded(agent), twin = recorded(agent, kSeed + 1);
  const auto refused = [&](Edit edit) { return error_of([&] { episode.what_if(std::move(edit)); }); };
  EXPECT_NE(refused({.kind = Edit::erase, .step = 90, .birth = 3}), "");  // long dead
  EXPECT_NE(refused({.kind = Edit::erase, .step = 90, .layer = 2, .birth = 89}), "");
  EXPECT_NE(refused({.kind = Edit::action, .step = 90, .act = 9}), "");
  EXPECT_NE(refused({.kind = Edit::action, .step = 9999}), "");
  EXPECT_NE(refused({.kind = Edit::transplant, .step = 80, .memory = twin.memory_before(79)}), "");
}

}  // namespace
}  // namespace wane
