// The table of keys against the structs: nothing twice, every default allowed, every field there and back.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "configs/describe.h"
#include "configs/reader.h"

namespace wane {
namespace {

/// Another allowed value than the one it has; doubles by the smallest step there is, so that a lost bit shows.
std::string other_value(const Key& key) {
  Settings settings;
  const Place place = key.place(settings);
  if (auto* flag = std::get_if<bool*>(&place)) return **flag ? "false" : "true";
  if (auto* number = std::get_if<double*>(&place)) {
    const bool up = **number < key.allowed.high && **number >= key.allowed.low;
    return number_text(up && **number > 0 ? std::nextafter(**number, HUGE_VAL)
                                          : (key.allowed.low + 1) / 3 + key.allowed.low);
  }
  if (std::holds_alternative<std::string*>(place)) {
    const std::string_view words = key.allowed.words;
    if (words.empty()) return "elsewhere";
    const std::string first(words.substr(0, words.find(" | ")));
    return first != value_text(key, settings) ? first : std::string(words.substr(words.rfind(" | ") + 3));
  }
  const long long number = std::stoll(value_text(key, settings));
  // Twice: the width stays a multiple of the heads, and they its divisor.
  return std::to_string(number == 0 ? 1 : 2 * number);
}

/// The bytes behind a key.
std::string bits(const Key& key, Settings& settings) {
  return std::visit(
      [](auto* value) -> std::string {
        if constexpr (requires { value->size(); }) return *value;
        else return {reinterpret_cast<const char*>(value), sizeof *value};
      },
      key.place(settings));
}

TEST(EveryKey, HasADefaultThatIsAllowed) {
  const Settings defaults;
  for (const Key& key : known_keys()) {
    Settings settings;
    EXPECT_EQ(set_value(key, settings, value_text(key, defaults)), "") << key.name;
    EXPECT_TRUE(changed_keys(defaults, settings).empty()) << key.name;
  }
}

TEST(EveryKey, ReadsBackToTheLastBit) {
  for (const Key& key : known_keys()) {
    SCOPED_TRACE(key.name);
    Settings settings, defaults;
    ASSERT_EQ(set_value(key, settings, other_value(key)), "") << other_value(key);
    ASSERT_NE(bits(key, settings), bits(key, defaults)) << other_value(key);
    for (bool with_comments : {false, true}) {
      Settings read = parse_settings(write_settings(settings, with_comments), "file", {});
      for (const Key& each : known_keys()) EXPECT_EQ(bits(each, read), bits(each, settings)) << each.name;
    }
    EXPECT_EQ(changed_keys(settings, defaults), std::vector<std::string>{std::string(key.name)});
  }
}

TEST(EveryKey, RefusesWhatIsOutsideItsRange) {
  for (const Key& key : known_keys()) {
    SCOPED_TRACE(key.name);
    Settings settings;
    const auto refuses = [&](const std::string& text) { return !set_value(key, settings, text).empty(); };
    EXPECT_TRUE(refuses(""));
    EXPECT_TRUE(refuses("walrus") || key.name == "world.name");
    EXPECT_TRUE(!std::isfinite(key.allowed.high) || refuses(number_text(key.allowed.high * 2 + 1)));
    EXPECT_TRUE(!std::isfinite(key.allowed.low) || refuses(number_text(key.allowed.low - 1)));
    EXPECT_TRUE(key.name == "world.name" || changed_keys(settings, Settings()).empty())
        << "a refused value left a trace";
  }
}

TEST(EveryKey, HasAMeaningOfItsOwn) {
  std::set<std::string_view> meanings;
  for (const Key& key : known_keys()) meanings.insert(key.meaning);
  EXPECT_EQ(meanings.size(), known_keys().size());
  EXPECT_FALSE(meanings.contains(""));
}

TEST(Settings, NoTwoKeysShareANameOrAField) {
  Settings settings;
  std::set<std::string_view> names;
  std::set<const void*> places;
  for (const Key& key : known_keys()) {
    names.insert(key.name);
    places.insert(std::visit([](auto* value) -> const void* { return value; }, key.place(settings)));
  }
  EXPECT_EQ(names.size(), known_keys().size());
  EXPECT_EQ(places.size(), known_keys().size());
}

TEST(Settings, NumbersAreShortestAndExact) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-0.02), "-0.02");
  EXPECT_EQ(number_text(200), "200");
  double read = 0;
  const double third = 1.0 / 3;
  ASSERT_TRUE(read_number(number_text(third), read));
  EXPECT_EQ(read, third);
}

TEST(Settings, NumbersAreReadStrictly) {
  double read = 5;
  for (const char* text : {"", "1,5", "1.5x", " 1", "inf", "nan", "0x10", "--1", "1e999"})
    EXPECT_FALSE(read_number(text, read)) << text;
  EXPECT_EQ(read, 5);
  EXPECT_TRUE(read_number("+1e-3", read));
  EXPECT_EQ(read, 1e-3);
}

TEST(Settings, WholeNumbersMayHaveAnExponentButNoFraction) {
  Settings settings;
  const Key& frames = *find_key("train.frames");
  EXPECT_EQ(set_value(frames, settings, "2.5e6"), "");
  EXPECT_EQ(settings.train.frames, 2'500'000);
  EXPECT_EQ(set_value(frames, settings, "2.5"), "a whole number, at least 1 frames");
  EXPECT_EQ(set_value(frames, settings, "1e30"), "a whole number, at least 1 frames");
  EXPECT_EQ(set_value(*find_key("train.seed"), settings, "18446744073709551615"), "");
  EXPECT_EQ(settings.train.seed, 18446744073709551615u);
  EXPECT_NE(set_value(*find_key("train.seed"), settings, "-1"), "");
  EXPECT_NE(set_value(*find_key("train.seed"), settings, "-1e3"), "");
  EXPECT_NE(set_value(*find_key("train.envs"), settings, "5e9"), "") << "does not fit an int";
}

TEST(Settings, ProportionalRampIsTheOnlyWayToWriteZero) {
  const Key& ramp = *find_key("expire_span.ramp");
  Settings settings;
  EXPECT_EQ(set_value(ramp, settings, "16"), "");
  EXPECT_EQ(settings.expire_span.ramp, 16);
  EXPECT_EQ(set_value(ramp, settings, "0"), "proportional, or 1..1e+09 steps");
  EXPECT_EQ(settings.expire_span.ramp, 16);
  EXPECT_EQ(set_value(ramp, settings, "proportional"), "");
  EXPECT_EQ(settings.expire_span.ramp, 0);
  EXPECT_EQ(value_text(ramp, settings), "proportional");
}

}  // namespace
}  // namespace wane
