#include "configs/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "configs/error.h"

namespace wane {
namespace {

using testing::ElementsAre;
using Overrides = std::vector<std::string>;

Settings parse(const std::string& text, const Overrides& overrides = {}) {
  return parse_settings(text, "x.yaml", overrides);
}

std::string message(const std::string& text, const Overrides& overrides = {}) {
  try {
    parse(text, overrides);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Reader, EmptyTextGivesTheDefaults) {
  for (const char* text : {"", "\n", "# nothing but a comment\n", "a2c:\n", "---\n"}) {
    EXPECT_THAT(changed_keys(parse(text), Settings()), ElementsAre()) << text;
  }
}

TEST(Reader, SectionsMayBeNestedOrDotted) {
  const Settings nested = parse("train:\n  frames: 1000\n  stop:\n    success: 0.5\n");
  const Settings dotted = parse("train.frames: 1000\ntrain: {stop.success: 0.5}\n");
  EXPECT_EQ(nested.train.frames, 1000);
  EXPECT_EQ(nested.train.stop_success, 0.5);
  EXPECT_THAT(changed_keys(nested, dotted), ElementsAre());
}

TEST(Reader, OverridesWinOverTheFileAndLaterOnesOverEarlier) {
  const Settings settings = parse("a2c: {gamma: 0.5}", {"a2c.gamma=0.6", "a2c.gamma=0.7", "memory.null_slot=false"});
  EXPECT_EQ(settings.a2c.gamma, 0.7);
  EXPECT_FALSE(settings.memory.null_slot);
}

TEST(Reader, WorldKeysKeepTheirPlace) {
  const Settings settings =
      parse("world:\n  name: portal\n  rooms: 8\n  length: [3, 200]\n  room_shown: true\n", {"world.rooms=5"});
  EXPECT_EQ(settings.world.name, "portal");
  ASSERT_EQ(settings.world.values.size(), 3u);
  EXPECT_EQ(settings.world.values[0].key, "rooms");
  EXPECT_THAT(settings.world.values[0].values, ElementsAre(5));
  EXPECT_EQ(settings.world.values[0].where, "command line");
  EXPECT_THAT(settings.world.values[1].values, ElementsAre(3, 200));
  EXPECT_EQ(settings.world.values[1].where, "x.yaml:4");
  EXPECT_THAT(settings.world.values[2].values, ElementsAre(1));
}

TEST(Reader, WorldKeysAreWrittenAndCompared) {
  const Settings settings = parse("world: {length: [3, 200], step_reward: -0.02}");
  EXPECT_THAT(changed_keys(parse(write_settings(settings, true)), settings), ElementsAre());
  EXPECT_THAT(changed_keys(settings, parse("world: {step_reward: -0.02, length: [3, 50], cues: 2}")),
              ElementsAre("world.length", "world.cues"));
  EXPECT_THAT(changed_keys(settings, Settings()), ElementsAre("world.length", "world.step_reward"));
}

TEST(Reader, OutOfRangeNamesKeyValuePlaceAndRange) {
  EXPECT_EQ(message("a2c:\n  gae_lambda: 1\n  gamma: 1.7\n"), "a2c.gamma = 1.7 (x.yaml:3): expected 0..1");
  EXPECT_EQ(message("", {"a2c.gamma=1.7"}), "a2c.gamma = 1.7 (command line): expected 0..1");
  EXPECT_EQ(message("train: {frames: 0}"), "train.frames = 0 (x.yaml:1): expected at least 1 frames");
  EXPECT_EQ(message("memory: {kind: rnn}"),
            "memory.kind = rnn (x.yaml:1): expected expire_span | transformer_xl | adaptive_span | compressive | none "
            "| gru | lstm");
  EXPECT_EQ(message("memory: {kind: gru, storage: bfloat16}"),
            "memory.storage = bfloat16 (x.yaml:1): expected float32 where memory.kind has no slots");
}

TEST(Reader, WrongTypes) {
  EXPECT_EQ(message("a2c: {gamma: high}"), "a2c.gamma = high (x.yaml:1): expected a number, 0..1");
  EXPECT_EQ(message("train:\n  envs: 2.5"), "train.envs = 2.5 (x.yaml:2): expected a whole number, 1..1048576");
  EXPECT_EQ(message("memory: {null_slot: 1}"), "memory.null_slot = 1 (x.yaml:1): expected true or false");
  EXPECT_EQ(message("a2c:\n  gamma: [1, 2]"), "a2c.gamma = [1, 2] (x.yaml:2): expected 0..1");
  EXPECT_EQ(message("a2c:\n  gamma: {a: 1}"), "a2c.gamma = {a: 1} (x.yaml:2): expected 0..1");
  EXPECT_EQ(message("a2c:\n  gae_lambda: 1\n  gamma:\n"), "a2c.gamma = (nothing) (x.yaml:3): expected 0..1");
  EXPECT_EQ(message("train:\n  stop: 3"),
            "train.stop = 3 (x.yaml:2): expected a section of settings, `name: value` each");
  EXPECT_EQ(message("- a\n- b"), "x.yaml:1: expected sections of settings (`train:`), not [a, b]");
  EXPECT_EQ(message("world: {length: far}"),
            "world.length = far (x.yaml:1): expected a number, true, false, or [low, high]");
  EXPECT_EQ(message("world: {length: [1, 2, 3]}"),
            "world.length = [1, 2, 3] (x.yaml:1): expected a number, true, false, or [low, high]");
}

TEST(Reader, UnknownKeysNameTheNearest) {
  EXPECT_EQ(message("a2c:\n  gama: 1"), "a2c.gama (x.yaml:2): no such key; did you mean a2c.gamma?");
  EXPECT_EQ(message("optimizer:\n  kind: adam"), "optimizer (x.yaml:1): no such key; did you mean optimiser?");
  EXPECT_EQ(message("", {"gamma=1"}), "gamma (command line): no such key; did you mean a2c.gamma?");
  EXPECT_EQ(message("", {"train.stopp.success=1"}),
            "train.stopp.success (command line): no such key; did you mean train.stop.success?");
  EXPECT_EQ(message("", {"zzzzzzzzzz=1"}), "zzzzzzzzzz (command line): no such key");
  EXPECT_EQ(message("", {"train.stop=1"}), "train.stop (command line): a section; expected train.stop.key=value");
}

TEST(Reader, AKeyGivenTwiceIsRefusedHoweverItIsWritten) {
  EXPECT_EQ(message("a2c:\n  gamma: 0.5\n  gamma: 0.6\n"), "a2c.gamma (x.yaml:3): given twice, first at x.yaml:2");
  EXPECT_EQ(message("a2c:\n  gamma: 0.5\na2c.gamma: 0.5\n"), "a2c.gamma (x.yaml:3): given twice, first at x.yaml:2");
  EXPECT_EQ(message("world: {rooms: 5}\nworld: {rooms: 6}\n"),
            "world.rooms (x.yaml:2): given twice, first at x.yaml:1");
}

TEST(Reader, BrokenYamlNamesTheLine) {
  EXPECT_THAT(message("a2c:\n  gamma: [0.5\nb: 3\n"), testing::MatchesRegex("x.yaml:[34]: not YAML: .*"));
  EXPECT_THAT(message("", {"a2c.gamma={"}), testing::StartsWith("a2c.gamma = { (command line): not YAML: "));
  EXPECT_EQ(message("a2c: {gamma: 1}\n---\na2c: {gamma: 1}"), "x.yaml: expected one YAML document, not 2");
}

TEST(Reader, MalformedOverrides) {
  EXPECT_EQ(message("", {"foo"}), "foo (command line): expected section.key=value");
  EXPECT_EQ(message("", {"=3"}), "=3 (command line): expected section.key=value");
  EXPECT_EQ(message("", {"a2c.gamma="}), "a2c.gamma = (nothing) (command line): expected 0..1");
}

TEST(Reader, ChecksThatSpanTwoKeysNameBoth) {
  EXPECT_EQ(message("memory:\n  heads: 5"), "memory.heads = 5 (x.yaml:2): expected a divisor of memory.width = 64");
  EXPECT_EQ(message("memory: {max_span: 200}"),
            "expire_span.first_span = 300 (default): expected less than memory.max_span = 200");
  EXPECT_EQ(message("", {"memory.max_span=200", "memory.kind=transformer_xl"}), "no error");
  EXPECT_EQ(message("expire_span: {restore_at: 0.99}"),
            "expire_span.restore_at = 0.99 (x.yaml:1): expected at most expire_span.open_at = 0.96");
}

TEST(Reader, MessagesStayOnOneLine) {
  const std::string text = message("a2c:\n  gamma: |\n    one\n    two\n" + std::string(300, ' ') + "x\n");
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_LT(text.size(), 200u);
}

TEST(Reader, FilesThatCannotBeRead) {
  const std::string folder = testing::TempDir();
  EXPECT_THROW(read_settings(folder, {}), Error);
  try {
    read_settings(folder + "nowhere.yaml", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), folder + "nowhere.yaml: no such file");
  }
}

TEST(Reader, ReadsAFile) {
  const std::string path = testing::TempDir() + "wane_test_reader.yaml";
  std::ofstream(path) << "a2c:\n  gamma: 0.25\n";
  EXPECT_EQ(read_settings(path, {}).a2c.gamma, 0.25);
  std::ofstream(path, std::ios::trunc);
  EXPECT_THAT(changed_keys(read_settings(path, {}), Settings()), ElementsAre());
  std::filesystem::remove(path);
}

TEST(Reader, EveryConfigInTheTreeIsRead) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WANE_CONFIGS_FOLDER)) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_NO_THROW(read_settings(entry.path(), {})) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST(Reader, OnlyLengthAndLoggingMayChangeOnResume) {
  for (const char* key :
       {"train.frames", "train.stop.success", "train.stop.live_slots", "log.every", "log.keep_every"}) {
    EXPECT_TRUE(may_change_on_resume(key)) << key;
  }
  for (const char* key :
       {"train.seed", "train.envs", "eval.every", "a2c.gamma", "world.length", "world.name", "logs"}) {
    EXPECT_FALSE(may_change_on_resume(key)) << key;
  }
}

}  // namespace
}  // namespace wane
