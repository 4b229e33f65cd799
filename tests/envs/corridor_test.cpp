// The corridor's rules, one by one, through the public interface. Codes: 0 wall, 1 hallway, 2/3 red/blue object, 4/5
// red/blue door.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "play.h"

namespace wane {
namespace {

enum { kNorth, kSouth, kEast, kWest };
using View = std::vector<std::uint8_t>;
const View kMiddle = {1, 0, 0, 1, 1};

const WaneWorldV1& corridor() { return find_world("corridor"); }
Values of_length(double lo, double hi) { return values({{"length", {lo, hi}}}); }

/// Remembers the first view's object, walks east, takes its door.
Batch::Episode play_oracle(Player& player) {
  const int door = player.cell(0) + 2;
  while (!player.ended()) player.step(player.cell(3) != 0 ? kEast : player.cell(1) == door ? kNorth : kSouth);
  return player.episode();
}

TEST(Corridor, AnOracleReachesTheFullScore) {
  Player player(corridor(), {}, 0);
  std::set<int> lengths;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    player.start(seed);
    const Batch::Episode e = play_oracle(player);
    ASSERT_EQ(e.success, 1.f);
    ASSERT_TRUE(player.last.terminated);
    ASSERT_EQ(player.last.reward, 1.f);
    ASSERT_EQ(e.length, e.size) << "L - 1 steps to the last cell and one through the door";
    ASSERT_NEAR(e.episode_return, 1 - 0.02 * (e.size - 1), 1e-4);
    lengths.insert(e.size);
  }
  EXPECT_EQ(lengths.size(), 198u) << "every length of [3, 200], both ends too";
  EXPECT_EQ(*lengths.begin(), 3);
  EXPECT_EQ(*lengths.rbegin(), 200);
}

TEST(Corridor, WithoutMemoryHalfIsTheBest) {
  double success = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Player player(corridor(), of_length(2, 5), seed);
    while (!player.ended()) player.step(player.cell(3) != 0 ? kEast : kNorth);
    EXPECT_EQ(player.last.reward, player.episode().success);  // wrong_reward 0
    success += player.episode().success;
  }
  EXPECT_NEAR(success / 2000, 0.5, 0.05);
}

TEST(Corridor, ObjectAndDoorsComeInAllFourCombinationsEvenly) {
  std::map<std::pair<int, int>, int> seen;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Player player(corridor(), of_length(2, 2), seed);
    const int object = player.cell(0);
    player.step(kEast);
    ++seen[{object, player.cell(1)}];
    EXPECT_EQ(player.cell(1) + player.cell(2), 4 + 5);
    EXPECT_EQ(player.cell(3), 0);
    EXPECT_EQ(player.cell(4), 1);
  }
  ASSERT_EQ(seen.size(), 4u);
  for (const auto& [combination, count] : seen) EXPECT_NEAR(count, 1000, 140);  // five standard deviations
}

TEST(Corridor, TheObjectIsSeenForCueStepsAndNeverAgain) {
  for (const int cue_steps : {1, 3}) {
    Player player(corridor(), values({{"length", {30, 30}}, {"cue_steps", {double(cue_steps)}}}), 5);
    const int object = player.cell(0);
    EXPECT_TRUE(object == 2 || object == 3);
    for (int t = 1; t <= 100; ++t) {
      player.step(random_action(player.batch(), 1, 0, static_cast<std::uint64_t>(t)));
      EXPECT_EQ(player.cell(0), t < cue_steps ? object : 1) << "t = " << t;
    }
  }
}

TEST(Corridor, NoNoteCanBeLeft) {
  // Whatever one does before the last cell, every view is the same; only the number of steps east less west matters
  // later.
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Player player(corridor(), of_length(100, 100), seed);
    int x = 0;
    for (std::uint64_t t = 0; t < 300 && x < 99; ++t) {
      const int action = random_action(player.batch(), seed, 0, t);
      x += action == kEast ? 1 : action == kWest && x > 0 ? -1 : 0;
      player.step(action);
      if (x < 99) {
        ASSERT_EQ(player.last.view, kMiddle);
      }
    }
  }
}

TEST(Corridor, WallsAndTheCellWestOfTheStartChangeNothing) {
  Player player(corridor(), of_length(4, 4), 9);
  for (const int action : {kWest, kWest, kNorth, kSouth, kWest}) EXPECT_EQ(player.step(action).view, kMiddle);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(player.step(kEast).view, kMiddle);
  player.step(kEast);  // three steps east of the start, whatever came before
  const Seen last_cell = player.last;
  EXPECT_GE(player.cell(1), 4);
  EXPECT_EQ(player.step(kEast), last_cell) << "the wall at the end";
  EXPECT_EQ(player.step(kWest).view, kMiddle);
  EXPECT_EQ(player.step(kEast), last_cell);
}

TEST(Corridor, NothingShowsTheColourAfterTheCue) {
  // Twins: same length, same doors, other colour; same actions. Grouped by what they have in common, then compared.
  std::map<int, std::vector<std::uint64_t>> by_colour_and_door;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Player player(corridor(), of_length(6, 6), seed);
    const int object = player.cell(0);
    while (player.cell(3) != 0) player.step(kEast);
    by_colour_and_door[object * 10 + player.cell(1)].push_back(seed);
  }
  int rewards_differ = 0;
  for (const int door : {4, 5}) {
    const auto &red = by_colour_and_door[20 + door], &blue = by_colour_and_door[30 + door];
    for (std::size_t k = 0; k < std::min(red.size(), blue.size()); ++k) {
      Player a(corridor(), of_length(6, 6), red[k]), b(corridor(), of_length(6, 6), blue[k]);
      ASSERT_NE(a.last, b.last);
      for (std::uint64_t t = 0; !a.ended(); ++t) {
        const int action = random_action(a.batch(), k, 1, t);
        a.step(action);
        b.step(action);
        ASSERT_EQ(a.last.view, b.last.view) << "the view at t = " << t + 1 << " tells the colour";
        ASSERT_EQ(a.ended(), b.ended());
        if (!a.ended()) {
          ASSERT_EQ(a.last.reward, b.last.reward);
        }
      }
      if (a.last.terminated) {
        EXPECT_NE(a.episode().success, b.episode().success) << "one door cannot be right for both colours";
        ++rewards_differ;
      }
    }
  }
  EXPECT_GT(rewards_differ, 10) << "too few twins reached a door to mean anything";
}

TEST(Corridor, TimeIsUpAfterFourLPlusForty) {
  for (const int length : {2, 10, 33}) {
    Player player(corridor(), of_length(length, length), 2);
    for (int t = 1; t < 4 * length + 40; ++t) {
      ASSERT_FALSE(player.ended()) << "t = " << t;
      player.step(kWest);
    }
    ASSERT_FALSE(player.ended());
    player.step(kWest);
    EXPECT_TRUE(player.last.truncated);
    EXPECT_FALSE(player.last.terminated);
    EXPECT_EQ(player.episode().success, 0.f);
    EXPECT_EQ(player.last.reward, -0.02f);
  }
}

TEST(Corridor, ADoorOnTheLastStepTerminates) {
  Player player(corridor(), of_length(2, 2), 2);
  player.step(kEast);
  for (int t = 2; t < 48; ++t) player.step(kEast);
  player.step(kNorth);
  EXPECT_TRUE(player.last.terminated);
  EXPECT_FALSE(player.last.truncated);
}

TEST(Corridor, WrongDoorPaysWrongReward) {
  Player player(corridor(), values({{"length", {2, 2}}, {"wrong_reward", {-1}}, {"step_reward", {-0.5}}}), 3);
  const int right = player.cell(0) + 2;
  EXPECT_EQ(player.step(kEast).reward, -0.5f);
  player.step(player.cell(1) == right ? kSouth : kNorth);
  EXPECT_EQ(player.last.reward, -1.f);
  EXPECT_EQ(player.episode().success, 0.f);
  EXPECT_EQ(player.episode().episode_return, -1.5f);
}

TEST(Corridor, DifficultyShortensTheLongest) {
  int longest = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Player player(corridor(), {}, seed, 0.05f);
    longest = std::max(longest, play_oracle(player).size);
  }
  EXPECT_EQ(longest, 10);
}

TEST(Corridor, ThePictureShowsWhereTheAgentIs) {
  Player player(corridor(), of_length(5, 5), 4);
  player.step(kEast);
  const Picture p = player.batch().picture(0);
  EXPECT_EQ(p.width, 7);
  EXPECT_EQ(p.height, 3);
  EXPECT_EQ(p.agent_x, 2);
  EXPECT_EQ(p.agent_y, 1);
  int in_view = 0;
  for (const Picture::Tile& tile : p.tiles) in_view += static_cast<int>(tile.in_view);
  EXPECT_EQ(in_view, 5);
  EXPECT_NE(p.at(5, 0).colour, p.at(5, 2).colour) << "the doors";
}

}  // namespace
}  // namespace wane
