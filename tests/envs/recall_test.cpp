// The rules of recall, one by one, through the public interface. Cells: mark (0 noise, 1 pair, 2 question), key, value.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "play.h"

namespace wane {
namespace {

enum { kNoise, kPair, kQuestion };

const WaneWorldV1& the_recall() { return find_world("recall"); }
Values of(double pairs, double keys, double noise_lo, double noise_hi) {
  return values({{"pairs", {pairs}}, {"keys", {keys}}, {"noise", {noise_lo, noise_hi}}});
}

/// What was said up to the first question.
struct Told {
  std::map<int, int> value_of;  // key -> value
  std::vector<int> pair_steps;  // t of each pair
  std::vector<int> noise;       // key * 100 + value
};

Told listen(Player& player) {
  Told told;
  for (int t = 0; player.cell(0) != kQuestion; ++t, player.step(0)) {
    if (player.cell(0) == kPair) {
      EXPECT_TRUE(told.value_of.emplace(player.cell(1), player.cell(2)).second) << "a key was told twice";
      told.pair_steps.push_back(t);
    } else {
      told.noise.push_back(player.cell(1) * 100 + player.cell(2));
    }
  }
  return told;
}

TEST(Recall, AnOracleReachesTheFullScore) {
  Player player(the_recall(), {}, 0);
  std::set<std::size_t> noise;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    player.start(seed);
    const Told told = listen(player);
    ASSERT_EQ(told.value_of.size(), 16u);
    std::set<int> asked;
    while (!player.ended()) {
      ASSERT_EQ(player.cell(0), kQuestion);
      ASSERT_EQ(player.cell(2), 0) << "a question shows no value";
      ASSERT_TRUE(asked.insert(player.cell(1)).second) << "a key was asked for twice";
      player.step(told.value_of.at(player.cell(1)));
      ASSERT_EQ(player.last.reward, 1.f);
    }
    ASSERT_TRUE(player.last.terminated);
    ASSERT_EQ(player.episode().success, 1.f);
    ASSERT_EQ(player.episode().episode_return, 16.f);
    ASSERT_EQ(player.episode().size, 16);
    ASSERT_EQ(player.episode().length, static_cast<int>(32 + told.noise.size()));
    noise.insert(told.noise.size());
  }
  EXPECT_EQ(noise.size(), 129u) << "every number of steps of [0, 128], both ends too";
  EXPECT_EQ(*noise.rbegin(), 128u);
}

TEST(Recall, WithoutMemoryAnEighthIsTheBest) {
  for (const int value : {0, 3, 7}) {
    double success = 0;
    Player player(the_recall(), of(16, 32, 0, 4), 0);
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      player.start(seed);
      listen(player);
      while (!player.ended()) player.step(value);
      ASSERT_EQ(player.episode().episode_return, player.episode().success * 16);
      success += player.episode().success;
    }
    EXPECT_NEAR(success / 2000, 0.125, 5 * std::sqrt(0.125 * 0.875 / 32000));
  }
}

TEST(Recall, EveryOrderOfPairsAndNoiseIsAsLikely) {
  std::map<std::vector<int>, int> orders;
  Player player(the_recall(), of(2, 4, 2, 2), 0);
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    player.start(seed);
    ++orders[listen(player).pair_steps];
  }
  ASSERT_EQ(orders.size(), 6u);  // two of four
  for (const auto& [steps, count] : orders) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.)) << steps[0] << steps[1];
}

TEST(Recall, KeysValuesAndQuestionsAreAsLikely) {
  std::map<std::vector<int>, int> keys, told, asked;
  Player player(the_recall(), values({{"pairs", {2}}, {"keys", {3}}, {"values", {2}}, {"noise", {0, 0}}}), 0);
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    player.start(seed);
    const int key = player.cell(1), value = player.cell(2);
    player.step(0);
    ++keys[{key, player.cell(1)}];
    ++told[{value, player.cell(2)}];
    player.step(0);
    ++asked[{player.cell(1) == key}];
  }
  ASSERT_EQ(keys.size(), 6u);
  ASSERT_EQ(told.size(), 4u);
  ASSERT_EQ(asked.size(), 2u);
  for (const auto& [_, count] : keys) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.));
  for (const auto& [_, count] : told) EXPECT_NEAR(count, 1500, 5 * std::sqrt(1500.));
  for (const auto& [_, count] : asked) EXPECT_NEAR(count, 3000, 5 * std::sqrt(3000.));
}

TEST(Recall, NoiseLooksLikePairsAndTellsNothing) {
  // Any key and any value, each as likely, the keys of pairs among them, and their values no likelier than others.
  std::map<int, int> noise;
  int of_a_pair = 0, its_value = 0;
  Player player(the_recall(), of(2, 4, 40, 40), 0);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    player.start(seed);
    const Told told = listen(player);
    ASSERT_EQ(told.noise.size(), 40u);
    for (const int said : told.noise) {
      ++noise[said];
      const auto pair = told.value_of.find(said / 100);
      if (pair == told.value_of.end()) continue;
      ++of_a_pair;
      its_value += pair->second == said % 100;
    }
  }
  ASSERT_EQ(noise.size(), 32u);
  for (const auto& [said, count] : noise) EXPECT_NEAR(count, 1250, 5 * std::sqrt(1250.)) << said;
  EXPECT_NEAR(of_a_pair, 20000, 5 * std::sqrt(10000.));
  EXPECT_NEAR(its_value, of_a_pair / 8., 5 * std::sqrt(of_a_pair * 7 / 64.));
}

TEST(Recall, NothingButTheRightAnswersCounts) {
  // Whatever is done, the same is said, and an answer does not change what is asked next.
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Player still(the_recall(), of(5, 8, 0, 20), seed), busy(the_recall(), of(5, 8, 0, 20), seed);
    for (std::uint64_t t = 0; !still.ended(); ++t) {
      ASSERT_EQ(still.last.view, busy.last.view);
      if (still.cell(0) != kQuestion) {
        ASSERT_EQ(still.last.reward, 0.f);
      }
      still.step(0);
      busy.step(random_action(busy.batch(), seed, 0, t));
      ASSERT_EQ(still.ended(), busy.ended());
    }
  }
}

TEST(Recall, SuccessIsTheShareOfRightAnswersAndWrongOnesPayWrongReward) {
  Player player(the_recall(), values({{"pairs", {4}}, {"wrong_reward", {-0.5}}}), 9);
  const Told told = listen(player);
  for (int question = 0; question < 4; ++question) {
    const int right = told.value_of.at(player.cell(1));
    player.step(question < 3 ? right : (right + 1) % 8);
    EXPECT_EQ(player.last.reward, question < 3 ? 1.f : -0.5f);
    EXPECT_EQ(player.last.terminated, question == 3);
  }
  EXPECT_EQ(player.episode().success, 0.75f);
  EXPECT_EQ(player.episode().episode_return, 2.5f);
}

TEST(Recall, NoMorePairsThanKeysAndTheMostOfBoth) {
  Player few(the_recall(), of(64, 3, 0, 0), 1);
  EXPECT_EQ(listen(few).value_of.size(), 3u);
  Player many(the_recall(), values({{"pairs", {64}}, {"keys", {64}}, {"values", {16}}, {"noise", {1000, 1000}}}), 1);
  const Told told = listen(many);
  EXPECT_EQ(told.value_of.size(), 64u);
  EXPECT_EQ(told.noise.size(), 1000u);
  while (!many.ended()) many.step(told.value_of.at(many.cell(1)));
  EXPECT_EQ(many.episode().success, 1.f);
  EXPECT_EQ(many.episode().size, 64);
}

TEST(Recall, DifficultyIsPairsAndNoise) {
  std::size_t most = 0;
  Player player(the_recall(), {}, 0, 0.125f);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    player.start(seed);
    const Told told = listen(player);
    ASSERT_EQ(told.value_of.size(), 2u);
    most = std::max(most, told.noise.size());
  }
  EXPECT_EQ(most, 16u);
}

TEST(Recall, ThePictureShowsWhatWasToldAndHowItWasAnswered) {
  Player player(the_recall(), of(2, 4, 0, 0), 3);
  const int first = player.cell(1), value = player.cell(2);
  Picture p = player.batch().picture(0);
  EXPECT_EQ(p.width, 4);
  EXPECT_EQ(p.height, 3);
  EXPECT_EQ(p.agent_x, first);
  EXPECT_EQ(p.at(first, 0).glyph, static_cast<std::uint32_t>('A' + first));
  EXPECT_EQ(p.at(first, 2).glyph, static_cast<std::uint32_t>('0' + value));
  EXPECT_EQ(p.at(first, 2).in_view, 1u);
  player.step(0);
  player.step(0);
  const int asked = player.cell(1);
  p = player.batch().picture(0);
  EXPECT_EQ(p.at(asked, 0).in_view, 1u);
  EXPECT_EQ(p.at(asked, 2).in_view, 0u) << "a question shows no value";
  const int right = static_cast<int>(p.at(asked, 2).glyph) - '0';
  Player wrong(the_recall(), of(2, 4, 0, 0), 3);
  listen(wrong);
  player.step(right);
  wrong.step((right + 1) % 8);
  EXPECT_EQ(player.batch().picture(0).at(asked, 2).colour, kGreen);
  EXPECT_EQ(wrong.batch().picture(0).at(asked, 2).colour, kRed);
}

}  // namespace
}  // namespace wane
