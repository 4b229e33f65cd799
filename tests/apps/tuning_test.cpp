// Settings that a comparison tries: what is drawn from which range, and which of them wins.

#include "apps/tuning.h"

#include <gtest/gtest.h>

#include <set>

#include "configs/error.h"

namespace wane {
namespace {

using Words = std::vector<std::string>;

const Words kGru{"memory.kind=gru"};

TEST(Tuning, TheFirstTrialChangesNothingAndTheOthersDrawFromEveryRange) {
  const auto trials = draw_trials(
      tuning_ranges({"optimiser.learning_rate=[1e-4,1e-2]", "train.steps=[16, 64]", "a.kind=x|[1,2]"}), kGru, 201);
  EXPECT_EQ(trials[0].settings, Words{});
  int low = 0;
  std::set<std::string> kinds, steps;
  for (std::size_t k = 1; k < trials.size(); ++k) {
    EXPECT_EQ(trials[k].draw, int(k));
    ASSERT_EQ(trials[k].settings.size(), 3u);
    const double rate = std::stod(trials[k].settings[0].substr(24));
    EXPECT_TRUE(rate >= 1e-4 && rate <= 1e-2) << rate;
    low += rate < 1e-3;
    steps.insert(trials[k].settings[1]);
    kinds.insert(trials[k].settings[2]);
  }
  EXPECT_NEAR(low, 100, 25) << "its logarithm is even: half of them are in the lower decade";
  EXPECT_EQ(kinds, (std::set<std::string>{"a.kind=x", "a.kind=[1,2]"}));
  EXPECT_GT(steps.size(), 20u);
  for (const auto& word : steps) EXPECT_EQ(word.find('.', 6), word.npos) << word << ": whole numbers";
}

TEST(Tuning, EveryMemoryDrawsTheSameButOfOthersSectionsAndOfWhatIsItsOwn) {
  const auto ranges = tuning_ranges({"compressive.rate=[2,8]", "a2c.gamma=[0.9,0.99]", "memory.max_span=[8,64]"});
  const auto gru = draw_trials(ranges, {"memory.kind=gru", "memory.max_span=16"}, 3),
             compressive = draw_trials(ranges, {"memory.kind=compressive"}, 3);
  for (int k : {1, 2}) {
    ASSERT_EQ(gru[k].settings.size(), 1u);
    ASSERT_EQ(compressive[k].settings.size(), 3u);
    EXPECT_EQ(gru[k].settings[0], compressive[k].settings[1]);
  }
  EXPECT_NE(gru[1].settings, gru[2].settings);
}

TEST(Tuning, NothingIsTriedTwice) {
  const auto trials = draw_trials(tuning_ranges({"train.steps=8|16"}), kGru, 40);
  ASSERT_EQ(trials.size(), 3u);  // as it is, 8, 16
  EXPECT_NE(trials[1].settings, trials[2].settings);
  EXPECT_EQ(draw_trials(tuning_ranges({"expire_span.cost=[0.1,1]"}), kGru, 40).size(), 1u);
}

TEST(Tuning, RangesThatReachZeroAreEvenAndNothingIsDrawnBeyond) {
  int low = 0;
  const auto even = draw_trials(tuning_ranges({"a2c.gae_lambda=[0,1]"}), kGru, 201);
  for (std::size_t k = 1; k < even.size(); ++k) low += std::stod(even[k].settings[0].substr(15)) < 0.25;
  EXPECT_NEAR(low, 50, 20);
  const auto narrow = draw_trials(tuning_ranges({"a2c.gamma=[0.99,0.99999]"}), kGru, 201);
  for (std::size_t k = 1; k < narrow.size(); ++k) EXPECT_LE(std::stod(narrow[k].settings[0].substr(10)), 0.99999);
}

TEST(Tuning, SaysWhatItExpects) {
  for (const char* text : {"a.b", "a.b=", "=[1,2]", "a.b=[1]", "a.b=[1,2", "a.b=[x,2]", "a.b=[2,1]", "a.b=[1,2,3]",
                           "memory.kind=gru|lstm", "train.seed=[1,9]", "train.stop.success=[0.5,1]"}) {
    try {
      tuning_ranges({text});
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos);
    }
  }
  EXPECT_THROW(tuning_ranges({}), Error);
  EXPECT_THROW(tuning_ranges({"a.b=[1,2]", "a.b=3|4"}), Error);
}

TEST(Tuning, TheGreatestSuccessWinsThenTheFewestSlotsThenTheEarliest) {
  const auto evaluation = [](double success, double slots, double half_way = 0) {
    return nlohmann::json{
        {"greedy", {{"success", success}, {"layers", {{{"live_slots_mean", slots}}, {{"live_slots_mean", 1.0}}}}}},
        {"curve", {{1000, half_way}, {2000, success}}}};
  };
  std::vector<Trial> trials{{0, {"a=1"}}, {1, {"a=2"}}, {2, {"a=3"}}};
  for (const double success : {0.5, 0.7}) trials[0].take(evaluation(success, 2));
  for (const double slots : {9, 7}) trials[1].take(evaluation(0.75, slots));
  for (const double slots : {4, 5}) trials[2].take(evaluation(0.75, slots));
  EXPECT_DOUBLE_EQ(trials[0].success(), 0.6);
  EXPECT_DOUBLE_EQ(trials[1].slots(), 9);
  EXPECT_EQ(best_of(trials).settings, Words{"a=3"});
  EXPECT_EQ(tuning_json({"a=[1,3]"}, trials)["best"], nlohmann::json(Words{"a=3"}));

  for (const double a : {4, 5, 6}) {
    trials.push_back({int(a) - 1, {"a=" + std::to_string(int(a))}});
    for (const double slots : {4, 5}) trials.back().take(evaluation(0.75, slots, a == 5 ? 0.5 : 0.25));
  }
  EXPECT_DOUBLE_EQ(trials[4].early(), 0.625);
  EXPECT_EQ(best_of(trials).settings, Words{"a=5"}) << "alike in the end, and sooner there";
}

}  // namespace
}  // namespace wane
