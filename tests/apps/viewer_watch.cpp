// The agent that comes with wane, watched: what the window shows of it, and what happens when its memory is taken away.

#include <gtest/gtest.h>

#include <algorithm>

#include "apps/viewer/html.h"
#include "apps/viewer/watch.h"

namespace wane::viewer {
namespace {

const std::vector<std::string> kLong = {"world.length=[180, 180]"};

const LoadedAgent& demo() {
  static const LoadedAgent loaded = load_agent(WANE_DEMO, kLong);
  return loaded;
}

int likeliest(const Frame& frame) {
  return int(std::max_element(frame.probabilities.begin(), frame.probabilities.end()) - frame.probabilities.begin());
}

constexpr int kDoor = 180;  // the step at which the agent stands between the doors

TEST(Watch, TheCueIsTheOneOldBar) {
  Watch watch(demo(), {});
  watch.go_to(kDoor - 1);
  const auto& slots = watch.frame().layers[0];
  EXPECT_LE(slots.size(), 8U);
  EXPECT_EQ(slots.front().birth, 0);
  EXPECT_GT(slots[1].birth, kDoor - 12);
  watch.select(0, 0);
  ASSERT_TRUE(watch.selected_frame());
  EXPECT_EQ(watch.selected_frame()->step, 0);
  const Picture& first = watch.selected_frame()->picture;
  const std::uint32_t colour = first.at(first.agent_x, first.agent_y).colour;
  EXPECT_TRUE(colour == kRed || colour == kBlue);  // the frame that the bar was made from shows the cue
}

/// Over episodes with both colours: with its cue erased half-way the agent takes one door whatever the colour was.
TEST(Watch, ErasingTheCueTurnsTheChoice) {
  int turned = 0, kept = 0;
  Watch watch(demo(), {});
  for (int number = 0; number < 12; ++number) {
    watch.start_episode(number);
    watch.go_to(90);
    watch.select(0, 0);
    watch.erase();
    ASSERT_TRUE(watch.changed()) << watch.said();
    watch.go_to(Watch::kEnd);
    const float without = watch.shown().episode()->success;
    const int end = watch.shown().length() - 1;
    watch.go_to(end);
    ASSERT_TRUE(watch.undisturbed());
    EXPECT_EQ(watch.undisturbed()->step, end);
    (likeliest(watch.frame()) == likeliest(*watch.undisturbed()) ? kept : turned) += 1;
    watch.back();
    EXPECT_FALSE(watch.changed());
    EXPECT_EQ(watch.step(), end);
    watch.go_to(Watch::kEnd);
    EXPECT_EQ(watch.shown().episode()->success, 1);
    EXPECT_LE(without, 1);
  }
  EXPECT_GE(turned, 3);
  EXPECT_GE(kept, 3);
}

TEST(Watch, ATwinsMemoryIsObeyed) {
  Watch watch(demo(), {});
  for (int number = 0; number < 4; ++number) {
    watch.start_episode(number);
    watch.go_to(90);
    watch.transplant();
    ASSERT_TRUE(watch.changed()) << watch.said();
    watch.go_to(Watch::kEnd);
    EXPECT_EQ(watch.shown().episode()->success, 0) << number;  // the other colour's door
  }
}

TEST(Watch, ByHand) {
  Watch watch(demo(), {});
  watch.go_to(10);
  watch.act(3);  // west
  EXPECT_TRUE(watch.changed());
  EXPECT_EQ(watch.step(), 11);
  EXPECT_EQ(watch.frame().picture.agent_x, watch.shown().steps()[9].agent_x);
}

TEST(Watch, SaysWhatCannotBeDone) {
  Watch watch(demo(), {});
  watch.go_to(50);
  watch.erase();
  EXPECT_FALSE(watch.changed());
  EXPECT_NE(watch.said().find("select a slot"), std::string::npos);
  watch.select(0, 50);  // its own step: not there before the query
  watch.erase();
  EXPECT_FALSE(watch.changed());
  EXPECT_NE(watch.said().find("no slot of step 50"), std::string::npos);
  watch.go_to(-5);
  EXPECT_EQ(watch.step(), 0);
  watch.start_episode(-1);
  EXPECT_EQ(watch.number(), 0);
}

TEST(Watch, ListsEpisodesAndWhyTheyWereLost) {
  const LoadedAgent loaded = load_agent(WANE_DEMO, std::vector<std::string>{"world.length=[600, 600]"});
  Watch mixed(demo(), {});
  for (int i = 0; i < 6; ++i) mixed.list_one();
  for (const EpisodeRow& row : mixed.list()) EXPECT_EQ(row.success, 1);
  EXPECT_TRUE(std::all_of(mixed.list().begin(), mixed.list().end(), [](auto& row) { return row.fate.empty(); }));
  Watch longer(loaded, {});  // beyond its span of about 400: the cue dies, and half the doors are wrong
  for (int i = 0; i < 12; ++i) longer.list_one();
  const auto lost =
      std::count_if(longer.list().begin(), longer.list().end(), [](auto& row) { return row.success < 1; });
  EXPECT_GE(lost, 2);
  EXPECT_LE(lost, 10);
}

/// Lengths on both sides of the span: short corridors are won by the cue's slot, long ones lost because it died.
TEST(Watch, SaysThatTheDecidingSlotDied) {
  const LoadedAgent loaded = load_agent(WANE_DEMO, std::vector<std::string>{"world.length=[100, 900]"});
  Watch watch(loaded, {});
  for (int i = 0; i < 40; ++i) watch.list_one();
  int died = 0;
  for (const EpisodeRow& row : watch.list()) {
    EXPECT_TRUE(row.success < 1 || row.fate.empty());
    died += row.fate.starts_with("the slot of step 0 died at step ");
  }
  EXPECT_GE(died, 3);
}

TEST(Html, IsOneFileWithBothRuns) {
  Recording episode(demo(), episode_seed(0, 0, 1), {.greedy = true});
  while (episode.advance()) {
  }
  Recording other = episode.what_if({.kind = Edit::erase, .step = 90, .layer = 0, .birth = 0});
  while (other.advance()) {
  }
  const std::string page = replay_html(episode, &other, 90, demo().settings);
  EXPECT_EQ(page.find("/*DATA*/null"), std::string::npos);
  for (const char* none : {"http://", "https://", "<link", "src="})
    EXPECT_EQ(page.find(none), std::string::npos) << none;
  EXPECT_NE(page.find("\"erased_at\":90"), std::string::npos);
  EXPECT_LT(page.size(), 2'000'000U);
}

TEST(Weights, TheEndHangsOnTheCue) {
  Recording episode(demo(), episode_seed(0, 0, 1), {.greedy = true});
  while (episode.advance()) {
  }
  const auto weights = episode.weigh(episode.length() - 1);
  ASSERT_FALSE(weights.empty());
  EXPECT_EQ(weights[0].birth, 0);
  EXPECT_GT(weights[0].moved, 0.5F);
}

}  // namespace
}  // namespace wane::viewer
