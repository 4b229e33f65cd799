// The walking portal world's rules, one by one, through the public interface.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "portal_walk_play.h"

namespace wane::portal_walk {
namespace {

TEST(PortalWalk, TheViewIsThePictureTurnedWithTheAgent) {
  for (const int portals : {2, 3, 4}) {
    Player player(walk(), chain(3, portals, 0), 7);
    std::set<int> poses;
    int heading = 0;  // north east south west
    for (std::uint64_t t = 0; t < 100'000 && poses.size() < 4u * (25u - static_cast<unsigned>(portals)); ++t) {
      if (player.ended()) player.start(t);
      if (t > 0 && (player.cell(kLed) || player.ended())) heading = 0;
      const Picture p = player.batch().picture(0);
      ASSERT_EQ(p.at(p.agent_x, p.agent_y).glyph, U"\u25B2\u25B6\u25BC\u25C0"[heading]);
      poses.insert((p.agent_y * p.width + p.agent_x) * 4 + heading);
      for (int row = 0; row < 5; ++row)
        for (int column = 0; column < 5; ++column) {
          int dx = column - 2, dy = row - 2;
          for (int turn = 0; turn < heading; ++turn) std::tie(dx, dy) = std::pair(-dy, dx);
          const std::map<std::uint32_t, int> code = {{kWall, 0}, {kFloor, 1}, {kRed, 2},
                                                     {kBlue, 3}, {kGreen, 4}, {kYellow, 5}};
          const Picture::Tile& tile = p.at(p.agent_x + dx, p.agent_y + dy);
          ASSERT_EQ(player.cell(row * 5 + column), code.at(tile.colour));
          ASSERT_EQ(tile.in_view, 1u);
        }
      ASSERT_EQ(std::count_if(p.tiles.begin(), p.tiles.end(), [](const auto& tile) { return tile.in_view; }), 25);
      const int action = random_action(player.batch(), 3, 0, t);
      heading = (heading + (action == kRight) + 3 * (action == kLeft)) & 3;
      player.step(action);
      if (player.ended() || player.cell(kLed)) heading = 0;
    }
    EXPECT_EQ(poses.size(), 4u * (25u - static_cast<unsigned>(portals))) << "every cell, facing every way";
  }
}

TEST(PortalWalk, WallsStopAndTurnsStayInPlace) {
  Player player(walk(), chain(2, 2), 1);  // no portals in the north and south
  const Seen start = player.last;
  for (int i = 0; i < 4; ++i) player.step(kLeft);
  EXPECT_EQ(player.last.view, start.view);
  for (int i = 0; i < 2; ++i) player.step(kForward);
  const auto at_wall = player.last.view;
  EXPECT_EQ(at_wall[7], 0) << "the wall is ahead";
  EXPECT_EQ(player.step(kForward).view, at_wall);
  EXPECT_EQ(player.last.reward, -0.005f);
  player.step(kRight);
  player.step(kRight);
  for (int i = 0; i < 4; ++i) EXPECT_NE(player.step(kForward).view, at_wall);
  EXPECT_EQ(player.cell(7), 0) << "five cells from wall to wall";
}

TEST(PortalWalk, APortalShowsItsColourAndWhereItLedForOneStep) {
  Player player(walk(), chain(3, 3), seed_with(3, 3, {1, 2}));
  EXPECT_EQ(player.cell(kRoom) + player.cell(kColour) + player.cell(kLed), 0);
  const auto tail = [&] { return std::vector<int>{player.cell(kRoom), player.cell(kColour), player.cell(kLed)}; };
  pass(player, 0);
  EXPECT_EQ(tail(), (std::vector<int>{0, 2, 2}));
  pass(player, 1);
  EXPECT_EQ(tail(), (std::vector<int>{1, 3, 1}));
  auto entered = player.last.view;
  player.step(kLeft);
  EXPECT_EQ(tail(), (std::vector<int>{1, 0, 0}));
  player.step(kRight);
  entered[kColour] = entered[kLed] = 0;
  EXPECT_EQ(player.last.view, entered) << "in the middle, facing north; turning left no trace";
  pass(player, 0);
  EXPECT_EQ(tail(), (std::vector<int>{0, 2, 2})) << "to the first room, not to the one before";
  pass(player, 1);
  pass(player, 2);
  EXPECT_EQ(tail(), (std::vector<int>{2, 4, 1})) << "the layout stays for the episode";
}

TEST(PortalWalk, ColoursAreShuffledOverThePlacesAtEveryEntry) {
  for (const auto& [portals, orders] : {std::pair{2, 2}, {3, 6}, {4, 24}}) {
    Player player(walk(), chain(16, portals, 0), 3);
    std::map<std::vector<int>, int> counts, pairs;
    std::vector<int> before;
    int entries = 0;
    for (std::uint64_t seed = 0; entries < 400 * orders; ++entries) {
      if (player.ended()) player.start(++seed);
      std::vector<int> order;
      for (const int place : {kWest, kEast, kAhead, kSouth}) order.push_back(player.cell(place));
      std::vector<int> sorted(order.begin(), order.begin() + portals);
      std::sort(sorted.begin(), sorted.end());
      for (int i = 0; i < 4; ++i)
        ASSERT_EQ(i < portals ? sorted[static_cast<std::size_t>(i)] : order[static_cast<std::size_t>(i)],
                  i < portals ? 2 + i : 1);
      ++counts[order];
      if (order == before) ++pairs[order];
      before = order;
      pass(player, random_action(player.batch(), 4, 0, static_cast<std::uint64_t>(entries)) % portals);
    }
    ASSERT_EQ(static_cast<int>(counts.size()), orders);
    int same = 0;
    for (const auto& [order, count] : counts) EXPECT_NEAR(count, 400, 110) << "five standard deviations";
    for (const auto& [order, count] : pairs) same += count;
    EXPECT_NEAR(same, 400, 110) << "each entry anew: as often the same as chance has it";
  }
}

TEST(PortalWalk, TwoMistakesInOneRoomEndTheEpisode) {
  Player player(walk(), chain(4, 2), seed_with(4, 2, {1, 1}));
  for (const int colour : {0, 0, 1, 0, 1, 0}) {  // a mistake in room 0, and one in room 1: they do not add up
    pass(player, colour);
    EXPECT_FALSE(player.ended());
  }
  pass(player, 0);
  EXPECT_TRUE(player.last.terminated);
  EXPECT_EQ(player.last.reward, -0.005f);
  EXPECT_EQ(player.episode().success, 0.f);
}

TEST(PortalWalk, OneMistakeCostsSuccessNotTheReward) {
  for (const int second : {0, 2}) {  // colour 2 of room 0 is never tried: passing the right one has told
    Player player(walk(), chain(2, 3), seed_with(2, 3, {1, 0}));
    pass(player, 0);
    pass(player, 1);
    pass(player, 2);
    pass(player, second);
    pass(player, 1);
    EXPECT_EQ(pass(player, 0).reward, 1.f);
    EXPECT_EQ(player.episode().success, 0.f);
  }
  Player player(walk(), chain(2, 3), seed_with(2, 3, {1, 0}));
  for (const int colour : {0, 2, 1, 1, 1, 0}) pass(player, colour);
  EXPECT_EQ(player.last.reward, 1.f);
  EXPECT_EQ(player.episode().success, 1.f);
  EXPECT_EQ(player.cell(kRoom), 2);
  for (const int place : {kWest, kEast, kAhead, kSouth}) EXPECT_EQ(player.cell(place), 1) << "no portals beyond";
}

TEST(PortalWalk, AMistakeCostsWhatTheSettingSays) {
  Values settings = chain(2, 2);
  settings.push_back({"mistake_reward", {-0.5}, "a test"});
  Player player(walk(), settings, seed_with(2, 2, {1, 0}));
  for (const auto& [colour, reward] : {std::pair{0, -0.005f}, {0, -0.505f}, {1, -0.005f}, {0, 1.f}})
    EXPECT_FLOAT_EQ(pass(player, colour).reward, reward);
}

TEST(PortalWalk, ProgressPaysOncePerRoomWhateverWasTriedBefore) {
  Values settings = chain(3, 3);
  settings.push_back({"progress_reward", {0.5}, "a test"});
  Player player(walk(), settings, seed_with(3, 3, {2, 0, 1}));
  const float step = -0.005f, progress = 0.495f;
  for (const auto& [colour, reward] : {std::pair{0, step},
                                       {1, step},
                                       {2, progress},
                                       {1, step},
                                       {2, step},
                                       {0, progress},
                                       {0, step},
                                       {2, step},
                                       {0, step},
                                       {1, 1.f}})
    EXPECT_FLOAT_EQ(pass(player, colour).reward, reward);
}

TEST(PortalWalk, TimeIsUpAfterSixteenE) {
  struct Row {
    int rooms, portals, steps;
  };
  for (const auto& [k, p, steps] : {Row{8, 2, 416}, Row{3, 3, 144}}) {
    Player player(walk(), chain(k, p), 2);
    for (int t = 1; t < steps; ++t) {
      player.step(kLeft);
      ASSERT_FALSE(player.ended()) << "t = " << t;
    }
    player.step(kLeft);
    EXPECT_TRUE(player.last.truncated);
    EXPECT_FALSE(player.last.terminated);
    EXPECT_EQ(player.episode().success, 0.f);
  }
}

TEST(PortalWalk, AHiddenRoomIsAlwaysZero) {
  Player player(walk(), values({{"room_shown", {0}}, {"mistakes", {0}}}), 5);
  bool on = false;
  for (std::uint64_t t = 0; t < 400 && !player.ended(); ++t) {
    player.step(random_action(player.batch(), 2, 0, t));
    EXPECT_EQ(player.cell(kRoom), 0);
    on |= player.cell(kLed) == 1;
  }
  EXPECT_TRUE(on);
  EXPECT_EQ(player.batch().codes(), 6);
}

TEST(PortalWalk, LayoutsAreDrawnEvenlyAndDifficultyIsTheNumberOfRooms) {
  std::vector<int> red(8, 0);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::vector<int> right = layout(8, 2, seed);
    for (std::size_t room = 0; room < 8; ++room) red[room] += right[room] == 0;
  }
  for (const int count : red) EXPECT_NEAR(count, 500, 80);
  for (const auto& [difficulty, rooms] : {std::pair{1.f, 8}, {0.375f, 3}, {0.f, 1}}) {
    Player player(walk(), {}, 3, difficulty);
    EXPECT_EQ(play_oracle(player, 2).size, rooms);
    EXPECT_EQ(player.batch().codes(), 9);
  }
}

TEST(PortalWalk, ThePictureMarksWhatIsKnownToBeWrong) {
  Player player(walk(), chain(3, 2), seed_with(3, 2, {1, 0}));
  const auto crosses = [&] {
    std::set<std::uint32_t> colours;
    for (const Picture::Tile& tile : player.batch().picture(0).tiles)
      if (tile.glyph == U'\u00D7') colours.insert(tile.colour);
    return colours;
  };
  EXPECT_TRUE(crosses().empty());
  pass(player, 0);
  EXPECT_EQ(crosses(), std::set<std::uint32_t>{kRed});
  pass(player, 1);
  EXPECT_TRUE(crosses().empty()) << "another room";
}

}  // namespace
}  // namespace wane::portal_walk
