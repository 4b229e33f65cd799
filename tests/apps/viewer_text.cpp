// The viewer as text, its keys, and what of it is remembered.

#include "apps/viewer/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/viewer/remembered.h"

namespace wane::viewer {
namespace {

const LoadedAgent& demo() {
  static const std::vector<std::string> long_one = {"world.length=[180, 180]"};
  static const LoadedAgent loaded = load_agent(WANE_DEMO, long_one);
  return loaded;
}

/// Without colours.
std::vector<std::string> lines(const std::string& frame) {
  std::string plain;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    if (frame[i] == '\x1b') i = frame.find('m', i);
    else plain += frame[i];
  }
  std::vector<std::string> out;
  std::istringstream text(plain);
  for (std::string line; std::getline(text, line);) out.push_back(line);
  return out;
}

/// The lines of slots: birth, steps left, attention, bar.
std::vector<std::string> slot_lines(const std::string& frame) {
  std::vector<std::string> out;
  for (const std::string& line : lines(frame))
    if (line.find("█") != std::string::npos && (line[0] == ' ' || line[0] == '>')) out.push_back(line);
  return out;
}

int solid(const std::string& line) {
  int count = 0;
  for (auto at = line.find("█"); at != std::string::npos; at = line.find("█", at + 1)) ++count;
  return count;
}

int width(const std::string& line) {
  return int(std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }));  // of UTF-8
}

TEST(Text, OneLongBarAndFewShortOnes) {
  Watch watch(demo(), {});
  watch.go_to(Watch::kEnd);
  watch.forward(-1);
  const auto bars = slot_lines(frame_text(watch, {}, 100, 30));
  ASSERT_EQ(bars.size(), watch.frame().layers[0].size());
  EXPECT_NE(bars[0].find(" 0 "), std::string::npos);
  EXPECT_GT(solid(bars[0]), 60);
  for (std::size_t i = 1; i < bars.size(); ++i) EXPECT_LT(solid(bars[i]), 8);
}

TEST(Text, FitsTheScreenWhateverItsSize) {
  Watch watch(demo(), {});
  for (const int step : {30, 178}) {
    watch.go_to(step);
    for (const int rows : {10, 12, 24, 60})
      for (const int columns : {40, 80, 200}) {
        for (const bool help : {false, true}) {
          const auto shown = lines(frame_text(watch, {.help = help}, columns, rows));
          EXPECT_LT(int(shown.size()), rows);
          EXPECT_GT(int(shown.size()), 5);
          for (const std::string& line : shown) EXPECT_LE(width(line), columns) << line;
        }
      }
  }
}

TEST(Text, ManySlotsShareLines) {
  Watch watch(demo(), {});
  watch.go_to(20);
  const std::size_t live = watch.frame().layers[0].size();
  ASSERT_GE(live, 4U);
  EXPECT_EQ(slot_lines(frame_text(watch, {}, 80, 30)).size(), live);
  const auto bars = slot_lines(frame_text(watch, {}, 80, 10));  // three lines less
  EXPECT_LT(bars.size(), live);
  EXPECT_NE(bars[0].find("0.."), std::string::npos) << bars[0];
}

TEST(Controls, KeysDoWhatTheHelpSays) {
  Watch watch(demo(), {});
  Controls controls;
  EXPECT_TRUE(controls.press("Shift+Right", watch));
  EXPECT_EQ(watch.step(), 10);
  controls.press("Left", watch);
  EXPECT_EQ(watch.step(), 9);
  controls.press("Tab", watch);
  ASSERT_TRUE(watch.selected());
  EXPECT_EQ(watch.selected()->birth, watch.frame().layers[0].front().birth);
  controls.press("x", watch);
  EXPECT_TRUE(watch.changed());
  controls.press("b", watch);
  EXPECT_FALSE(watch.changed());
  controls.press("n", watch);
  EXPECT_EQ(watch.number(), 1);
  controls.press("p", watch);
  controls.press("p", watch);
  EXPECT_EQ(watch.number(), 0);
  controls.press("h", watch);
  EXPECT_TRUE(controls.press("Escape", watch)) << "closes the help first";
  EXPECT_FALSE(controls.look.help);
  for (const char* key : {"Escape", "q", "Ctrl+C", "closed"}) EXPECT_FALSE(controls.press(key, watch));
  EXPECT_TRUE(controls.press("", watch));
  EXPECT_TRUE(controls.press("F7", watch));
}

TEST(Controls, TimePlaysAndPausesAtTheEnd) {
  Watch watch(demo(), {});
  Controls controls;
  controls.pass(10, watch);
  EXPECT_EQ(watch.step(), 0) << "paused";
  controls.press("Space", watch);
  controls.look.speed = 8;
  for (int i = 0; i < 10; ++i) controls.pass(0.1, watch);
  EXPECT_EQ(watch.step(), 8);
  controls.pass(1000, watch);
  EXPECT_EQ(watch.step(), watch.shown().length());
  controls.pass(1000, watch);
  EXPECT_FALSE(controls.look.playing);
}

/// A training's episodes: shown from the feed, gone on with where they go on, listed, seen again.
TEST(Watch, FollowsATraining) {
  const LoadedAgent loaded = load_agent(WANE_DEMO, {});
  Watch watch(loaded, {});
  LiveEpisode live{
      .seed = 5, .difficulty = 1, .actions = {2, 2, 2}, .ended = false, .frames = 1'000'000, .weights = {}};
  for (const auto& weight : loaded.agent->parameters()) live.weights.push_back(weight.detach().clone());
  watch.follow(live);
  EXPECT_TRUE(watch.live());
  EXPECT_EQ(watch.step(), 0);
  EXPECT_FALSE(watch.at_end());
  watch.go_to(Watch::kEnd);
  EXPECT_EQ(watch.step(), 2);
  EXPECT_TRUE(watch.at_end());
  EXPECT_TRUE(watch.list().empty());
  live.actions = {2, 2, 2, 2, 2};
  watch.follow(live);
  EXPECT_EQ(watch.step(), 2) << "the same episode has gone on";
  EXPECT_EQ(watch.shown().length(), 3);
  watch.go_to(Watch::kEnd);
  EXPECT_EQ(watch.step(), 4);
  EXPECT_NE(watch.title().find("1.00 M frames"), std::string::npos);
  // Another one that ends: an agent's own, acted to its end.
  Recording own(loaded, 9, {.greedy = true});
  while (own.advance()) {
  }
  live.seed = 9;
  live.ended = true;
  live.actions.clear();
  for (const RecordedStep& step : own.steps()) live.actions.push_back(step.action);
  watch.follow(live);
  EXPECT_EQ(watch.step(), 0);
  ASSERT_EQ(watch.list().size(), 1U);
  EXPECT_EQ(watch.list()[0].length, own.length());
  live.seed = 10;
  live.ended = false;
  watch.follow(live);
  watch.start_episode(0);
  EXPECT_EQ(watch.shown().seed(), 9U);
  EXPECT_TRUE(watch.shown().length() > 0);
}

TEST(Remembered, ComesBackAndSurvivesNonsense) {
  const auto folder = std::filesystem::temp_directory_path() / "wane-remembered-test";
  std::filesystem::remove_all(folder);
  ::setenv("XDG_CONFIG_HOME", folder.c_str(), 1);
  EXPECT_EQ(recall().width, Remembered().width);
  remember({1000, 600, true, true, 64});
  const Remembered back = recall();
  EXPECT_EQ(back.width, 1000);
  EXPECT_EQ(back.height, 600);
  EXPECT_TRUE(back.light && back.recent);
  EXPECT_EQ(back.speed, 64);
  for (const char* text : {"", "{", "[1]", R"({"width": "wide"})", R"({"width": -5, "height": 1e9})"}) {
    std::ofstream(folder / "wane/viewer.json") << text;
    EXPECT_GE(recall().width, 480);
    EXPECT_LE(recall().height, 16384);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace wane::viewer
