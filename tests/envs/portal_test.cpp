// The portal world's rules, one by one, through the public interface. Cells: room, previous choice (0 none), outcome
// (0 start, 1 on, 2 back).

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "play.h"

namespace wane {
namespace {

using View = std::vector<std::uint8_t>;

const WaneWorldV1& portal() { return find_world("portal"); }
Values chain(double rooms, double portals, double mistakes = 2) {
  return values({{"rooms", {rooms}}, {"portals", {portals}}, {"mistakes", {mistakes}}});
}

/// A perfect memory: per room the portals that led back, and the right one once found.
class Oracle {
 public:
  int choose(int room) const {
    const auto& known = next_[static_cast<std::size_t>(room)];
    return known;
  }
  void learn(int room, bool led_on) { next_[static_cast<std::size_t>(room)] += !led_on; }

 private:
  std::vector<int> next_ = std::vector<int>(65, 0);  // lowest portal not known to be wrong
};

Batch::Episode play_oracle(Player& player) {
  Oracle oracle;
  for (int room = 0; !player.ended(); room = player.cell(0)) {
    player.step(oracle.choose(room));
    oracle.learn(room, player.cell(2) == 1);
  }
  return player.episode();
}

/// The right portal of every room, found by playing.
std::vector<int> layout(const Values& settings, std::uint64_t seed, int rooms) {
  Player player(portal(), settings, seed);
  std::vector<int> right(static_cast<std::size_t>(rooms), 0);
  for (int room = 0; !player.ended(); room = player.cell(0)) {
    player.step(right[static_cast<std::size_t>(room)]);
    if (player.cell(2) == 2) ++right[static_cast<std::size_t>(room)];
  }
  return right;
}

/// The first seed from `from` on whose rooms have these right portals at the start of the chain.
std::uint64_t seed_with(const Values& settings, int rooms, const std::vector<int>& wanted) {
  for (std::uint64_t seed = 0;; ++seed) {
    const std::vector<int> right = layout(settings, seed, rooms);
    if (std::equal(wanted.begin(), wanted.end(), right.begin())) return seed;
  }
}

TEST(Portal, AnOracleReachesTheFullScoreInEStepsOnAverage) {
  struct Row {
    int rooms, portals;
  };
  for (const auto& [k, p] : {Row{8, 2}, Row{5, 4}, Row{1, 3}, Row{12, 8}}) {
    Player player(portal(), chain(k, p), 0);
    const double expected = k + (p - 1) * k * (k + 1) / 4.0;
    double steps = 0;
    constexpr int kEpisodes = 4000;
    for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
      player.start(seed);
      const Batch::Episode e = play_oracle(player);
      ASSERT_EQ(e.success, 1.f);
      ASSERT_TRUE(player.last.terminated);
      ASSERT_EQ(player.last.reward, 1.f);
      ASSERT_EQ(player.cell(0), k);
      ASSERT_NEAR(e.episode_return, 1 - 0.02 * (e.length - 1), 1e-3);
      ASSERT_EQ(e.size, k);
      steps += e.length;
    }
    EXPECT_NEAR(steps / kEpisodes, expected, 0.02 * expected + 0.05) << k << " rooms, " << p << " portals";
  }
}

TEST(Portal, WithoutMemoryTheBestHabitScoresWhatThePageSays) {
  // Room 0: portal 1; portal 2 when 1 has just led back, and 1 when 2 has. All other rooms: a coin.
  double success = 0;
  constexpr int kEpisodes = 20'000;
  Player player(portal(), {}, 0);
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    player.start(seed);
    for (std::uint64_t t = 0; !player.ended(); ++t)
      player.step(player.cell(0) > 0 ? random_action(player.batch(), seed, 0, t) : player.cell(1) == 1);
    success += player.episode().success;
  }
  EXPECT_NEAR(success / kEpisodes, 0.0132, 0.004) << "five standard deviations";
}

TEST(Portal, TheObservationIsRoomChoiceOutcome) {
  const Values settings = chain(3, 3);
  Player player(portal(), settings, seed_with(settings, 3, {1, 2}));
  EXPECT_EQ(player.last.view, (View{0, 0, 0}));
  EXPECT_EQ(player.step(0).view, (View{0, 1, 2}));
  EXPECT_EQ(player.step(1).view, (View{1, 2, 1}));
  EXPECT_EQ(player.step(0).view, (View{0, 1, 2})) << "a wrong portal leads to the first room, not to the one before";
  EXPECT_EQ(player.step(1).view, (View{1, 2, 1})) << "the layout stays for the episode";
  EXPECT_EQ(player.step(2).view, (View{2, 3, 1}));
  EXPECT_EQ(player.last.reward, -0.02f);
}

TEST(Portal, HiddenRoomsShowNothingButChoiceAndOutcome) {
  Player player(portal(), values({{"room_shown", {0}}, {"mistakes", {0}}}), 5);
  for (std::uint64_t t = 0; t < 60 && !player.ended(); ++t) {
    player.step(random_action(player.batch(), 2, 0, t));
    EXPECT_EQ(player.cell(0), 0);
    EXPECT_GT(player.cell(2), 0);
  }
}

TEST(Portal, TheRightPortalShowsInNothingBeforeItsRoomIsTried) {
  // Twin episodes that differ in one room's right portal alone, whatever one does in the others.
  const Values settings = chain(3, 2, 0);
  for (int room = 0; room < 3; ++room) {
    std::vector<int> right{1, 0, 1}, other = right;
    other[static_cast<std::size_t>(room)] ^= 1;
    for (std::uint64_t run = 0; run < 50; ++run) {
      Player one(portal(), settings, seed_with(settings, 3, right)),
          two(portal(), settings, seed_with(settings, 3, other));
      ASSERT_EQ(one.last, two.last);
      for (std::uint64_t t = 0; t < 40 && !one.ended() && one.cell(0) != room; ++t) {
        const int action = random_action(one.batch(), run, 0, t);
        ASSERT_EQ(one.step(action), two.step(action)) << "room " << room << ", run " << run << ", t = " << t;
      }
      if (one.ended() || one.cell(0) != room) continue;
      EXPECT_NE(one.step(0), two.step(0)) << "this choice is the question";
    }
  }
}

TEST(Portal, TwoMistakesInOneRoomEndTheEpisode) {
  const Values settings = chain(4, 2);
  Player player(portal(), settings, seed_with(settings, 4, {1}));
  EXPECT_FALSE(player.step(0).terminated) << "the first try is no mistake";
  EXPECT_FALSE(player.step(0).terminated) << "the first mistake is forgiven";
  EXPECT_TRUE(player.step(0).terminated);
  EXPECT_FALSE(player.last.truncated);
  EXPECT_EQ(player.last.reward, -0.02f);
  EXPECT_EQ(player.episode().success, 0.f);
}

TEST(Portal, MistakesInDifferentRoomsDoNotAddUp) {
  const Values settings = chain(4, 2);
  Player player(portal(), settings, seed_with(settings, 4, {1, 1}));
  for (const int choice : {0, 0, 1, 0, 1, 0}) {  // a mistake in room 0, and one in room 1
    player.step(choice);
    EXPECT_FALSE(player.ended());
  }
  player.step(0);
  EXPECT_TRUE(player.last.terminated) << "the second one in room 0";
}

TEST(Portal, WhoHasPassedARoomKnowsItsWrongPortals) {
  const Values settings = chain(2, 3);
  Player player(portal(), settings, seed_with(settings, 2, {0, 1}));
  for (const int choice : {0, 0, 2, 0})
    player.step(choice);  // on, back, MISTAKE: portal 3 of room 0 was never tried, but 1 is right; on
  EXPECT_EQ(player.last.view, (View{1, 1, 1}));
  player.step(1);
  EXPECT_TRUE(player.last.terminated);
  EXPECT_EQ(player.last.reward, 1.f) << "it left the last room";
  EXPECT_EQ(player.episode().success, 0.f) << "but not without a mistake";
}

TEST(Portal, OneMistakeCostsSuccessNotTheReward) {
  const Values settings = chain(2, 2);
  for (const bool mistake : {true, false}) {
    Player player(portal(), settings, seed_with(settings, 2, {1, 0}));
    player.step(0);
    if (mistake) player.step(0);
    player.step(1);
    player.step(0);
    EXPECT_EQ(player.last.reward, 1.f);
    EXPECT_EQ(player.episode().success, mistake ? 0.f : 1.f);
  }
}

TEST(Portal, AMistakeCostsWhatTheSettingSays) {
  Values settings = chain(2, 2);
  settings.push_back({"mistake_reward", {-0.5}, "a test"});
  Player player(portal(), settings, seed_with(settings, 2, {1, 0}));
  for (const auto& [choice, reward] : {std::pair{0, -0.02f}, {0, -0.52f}, {1, -0.02f}, {0, 1.f}}) {
    player.step(choice);
    EXPECT_FLOAT_EQ(player.last.reward, reward);
  }
}

TEST(Portal, WithoutALimitOnMistakesTimeIsUpAfterFourE) {
  struct Row {
    int rooms, portals, steps;
  };
  for (const auto& [k, p, steps] : {Row{8, 2, 104}, Row{3, 3, 36}, Row{2, 2, 14}}) {
    const Values settings = chain(k, p, 0);
    Player player(portal(), settings, seed_with(settings, k, {1}));
    for (int t = 1; t <= steps; ++t) {
      ASSERT_FALSE(player.ended()) << "t = " << t;
      player.step(0);
    }
    EXPECT_TRUE(player.last.truncated);
    EXPECT_FALSE(player.last.terminated);
    EXPECT_EQ(player.episode().success, 0.f);
  }
}

TEST(Portal, LayoutsAreDrawnEvenlyAndAnew) {
  std::vector<int> right_is_first(8, 0);
  std::set<std::vector<int>> layouts;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::vector<int> right = layout({}, seed, 8);
    for (std::size_t room = 0; room < 8; ++room) right_is_first[room] += right[room] == 0;
    layouts.insert(right);
  }
  for (const int count : right_is_first) EXPECT_NEAR(count, 500, 80);
  EXPECT_GT(layouts.size(), 230u) << "of 256";
}

TEST(Portal, ThePictureShowsWhatIsKnown) {
  const Values settings = chain(3, 2);
  Player player(portal(), settings, seed_with(settings, 3, {1, 0}));
  const auto colours = [&](int room) {
    const Picture p = player.batch().picture(0);
    return std::vector<std::uint32_t>{p.at(room, 1).colour, p.at(room, 2).colour};
  };
  EXPECT_EQ(colours(0), (std::vector<std::uint32_t>{kYellow, kYellow}));
  player.step(0);
  EXPECT_EQ(colours(0), (std::vector<std::uint32_t>{kRed, kYellow}))
      << "the right one is not shown before it was taken";
  player.step(1);
  EXPECT_EQ(colours(0), (std::vector<std::uint32_t>{kRed, kGreen}));
  EXPECT_EQ(player.batch().picture(0).agent_x, 1);
}

TEST(Portal, DifficultyIsTheNumberOfRooms) {
  struct Row {
    float difficulty;
    int rooms;
  };
  for (const auto& [difficulty, rooms] : {Row{1, 8}, Row{0.375f, 3}, Row{0.5f, 4}, Row{0, 1}}) {
    Player player(portal(), {}, 3, difficulty);
    EXPECT_EQ(play_oracle(player).size, rooms);
    EXPECT_EQ(player.cell(0), rooms);
    EXPECT_EQ(player.batch().codes(), 9) << "the observation's layout does not depend on difficulty";
  }
}

}  // namespace
}  // namespace wane
