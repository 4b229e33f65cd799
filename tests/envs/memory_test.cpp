// The rules of `memory` through the public interface. That they are minigrid's, minigrid_agrees.py compares.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "minigrid_play.h"

namespace wane::minigrid_play {
namespace {

const WaneWorldV1& memory() { return find_world("memory"); }
Values of_size(int lo, int hi, bool random_length = false) {
  return values(
      {{"size", {double(lo), double(hi)}}, {"random_length", {double(random_length)}}, {"direction_shown", {1}}});
}

struct Layout {
  int start, end;    // x of the agent, and of the hallway's last tile
  char room, north;  // K or B
};

Layout layout(const Player& player) {
  const Picture p = player.batch().picture(0);
  const int middle = p.height / 2;
  int crossing = 5;
  while (tile(p, crossing, middle - 2) == '#' || tile(p, crossing, middle - 2) == '.') ++crossing;
  return {p.agent_x, crossing - 1, tile(p, 1, middle - 1), tile(p, crossing, middle - 2)};
}

/// The object (5 key, 6 ball) at `ahead` tiles ahead and `right` tiles to the right, as the view shows it.
int object(const Player& player, int ahead, int right) { return player.cell(((3 + right) * 7 + 6 - ahead) * 3); }

/// Plays by the view alone, told where the agent starts: looks at the room's object by the shortest way, keeps it in
/// mind, walks to the crossing, goes to the side whose object is like it.
void play_oracle(Player& player, int start) {
  int x = start, seen = 0;
  const auto turn = [&](int action, int times) {
    for (int i = 0; i < times; ++i) player.step(action);
  };
  if (x == 1) {
    seen = object(player, 0, -1);
  } else if (x <= 4) {
    turn(kLeft, 1);
    seen = object(player, 1, 1 - x);
    turn(kRight, 1);
  } else {
    turn(kLeft, 2);
    for (; x > 7; --x) player.step(kForward);
    seen = object(player, x - 1, 1);
    turn(kRight, 2);
  }
  ASSERT_TRUE(seen == 5 || seen == 6);
  int north = 0;
  while (object(player, 1, 0) == 1) {  // until the wall behind the crossing
    if (object(player, 1, -2) >= 5) north = object(player, 1, -2);
    player.step(kForward);
  }
  turn(north == seen ? kLeft : kRight, 1);
  player.step(kForward);
}

double extra_steps(int start) { return start == 1 ? 0 : start <= 4 ? 2 : start <= 7 ? 4 : 4 + 2 * (start - 7); }

TEST(Memory, WhoLooksAndRemembersIsAlwaysRight) {
  std::set<int> sizes;
  std::set<std::pair<int, int>> ends;
  for (const bool random_length : {false, true})
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
      Player player(memory(), of_size(7, 17, random_length), seed);
      const Layout at = layout(player);
      play_oracle(player, at.start);
      ASSERT_TRUE(player.last.terminated) << "seed " << seed;
      const Batch::Episode e = player.episode();
      ASSERT_EQ(e.success, 1.f) << "seed " << seed;
      ASSERT_EQ(e.length, at.end - at.start + 3 + extra_steps(at.start));
      const volatile double share = double(e.length) / (5 * e.size * e.size), lost = 0.9 * share;
      ASSERT_EQ(player.last.reward, float(1 - lost)) << "bit for bit";
      ASSERT_EQ(e.episode_return, player.last.reward);
      sizes.insert(e.size);
      if (random_length) ends.insert({e.size, at.end});
      else EXPECT_EQ(at.end, e.size - 3);
    }
  EXPECT_EQ(sizes, (std::set{7, 9, 11, 13, 15, 17}));
  EXPECT_EQ(ends.size(), 1u + 3 + 5 + 7 + 9 + 11) << "every end of 4..S-3 of every size";
}

TEST(Memory, TheBestScoresOfThePage) {
  double best = 0, blind = 0, success = 0;
  constexpr int kEpisodes = 8000;
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    Player player(memory(), values({{"direction_shown", {1}}}), seed);
    play_oracle(player, layout(player).start);
    best += player.episode().episode_return;
    player.start(seed);
    while (object(player, 1, 0) == 1) player.step(kForward);
    player.step(kLeft);
    player.step(kForward);
    ASSERT_TRUE(player.last.terminated);
    ASSERT_EQ(player.last.reward > 0, player.episode().success == 1);
    blind += player.episode().episode_return;
    success += player.episode().success;
  }
  EXPECT_NEAR(best / kEpisodes, 0.98754, 0.0003);  // five standard deviations
  EXPECT_NEAR(success / kEpisodes, 0.5, 0.028);
  EXPECT_NEAR(blind / kEpisodes, 0.49601, 0.028);
}

TEST(Memory, LayoutsAreDrawnEvenly) {
  std::map<std::tuple<int, char, char>, int> counts;
  constexpr int kEpisodes = 8000;
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    Player player(memory(), of_size(7, 7), seed);
    const Layout at = layout(player);
    ++counts[{at.start, at.room, at.north}];
    EXPECT_EQ(player.cell(147), 0) << "facing east";
  }
  EXPECT_EQ(counts.size(), 4u * 2 * 2);
  for (const auto& [what, count] : counts) EXPECT_NEAR(count, kEpisodes / 16, 5 * std::sqrt(kEpisodes / 16.));
}

TEST(Memory, NothingButTheRoomsObjectTellsTheAnswer) {
  // Twins: same start and crossing, other object in the room; same actions. Their views differ exactly while that
  // object is in view, which it never is from east of x = 7.
  std::map<std::tuple<int, char>, std::map<char, std::uint64_t>> twins;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const Layout at = layout(Player(memory(), of_size(13, 13), seed));
    twins[{at.start, at.north}].insert({at.room, seed});
  }
  int pairs = 0, answered = 0, looked = 0;
  for (const auto& [what, seeds] : twins) {
    if (seeds.size() < 2) continue;
    ++pairs;
    for (std::uint64_t way = 0; way < 20; ++way) {
      Player a(memory(), of_size(13, 13), seeds.at('K')), b(memory(), of_size(13, 13), seeds.at('B'));
      for (std::uint64_t t = 0;; ++t) {
        const Picture p = a.batch().picture(0);
        const bool in_view = p.at(1, p.height / 2 - 1).in_view;
        ASSERT_EQ(a.last.view != b.last.view, in_view) << "x = " << p.agent_x << ", t = " << t;
        ASSERT_TRUE(!in_view || p.agent_x <= 7);
        looked += in_view;
        if (a.ended()) break;
        const double u = uniform01(Purpose::test, way, 1, t);  // wanders, more forward than not
        const int action = u < 0.5 ? kForward : random_action(a.batch(), way, 0, t);
        a.step(action);
        b.step(action);
        ASSERT_EQ(a.ended(), b.ended());
        if (!a.ended()) {
          ASSERT_EQ(a.last.reward, b.last.reward);
        }
      }
      if (!a.last.terminated) continue;
      EXPECT_EQ(a.episode().success + b.episode().success, 1.f) << "one side cannot be right for both";
      ++answered;
    }
  }
  EXPECT_GE(pairs, 18);
  EXPECT_GT(answered, 100) << "too few twins reached an answer to mean anything";
  EXPECT_GT(looked, 1000);
}

TEST(Memory, NothingCanBeMovedOrOpened) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Player player(memory(), of_size(13, 13), seed);
    const int middle = 6;
    const auto action = [&] {
      return next_action(player.batch().picture(0), player.cell(147),
                         [&](int x, int y) { return x == 1 && y == middle - 1; });
    };
    while (action() != kThere) player.step(action());
    const Seen before = player.last;
    EXPECT_GE(object(player, 1, 0), 5);
    for (const int idle : {kForward, kPickup, kDrop, kToggle, kDone}) ASSERT_EQ(player.step(idle), before);
  }
}

TEST(Memory, TimeIsUpAfterFiveSS) {
  for (const int size : {7, 13, 17}) {
    Player player(memory(), of_size(size, size), 2);
    for (int t = 1; t <= 5 * size * size; ++t) {
      ASSERT_FALSE(player.ended()) << "t = " << t;
      player.step(kRight);
    }
    EXPECT_TRUE(player.last.truncated);
    EXPECT_EQ(player.episode().success, 0.f);
    EXPECT_EQ(player.episode().episode_return, 0.f);
  }
}

TEST(Memory, SizesAreOddAndDifficultyBoundsThem) {
  const auto sizes = [](int lo, int hi, float difficulty) {
    std::set<int> out;
    for (std::uint64_t seed = 0; seed < 200; ++seed)
      out.insert(Player(memory(), of_size(lo, hi), seed, difficulty).batch().picture(0).width);
    return out;
  };
  EXPECT_EQ(sizes(7, 17, 0.7f), (std::set{7, 9, 11})) << "round(17 x 0.7) = 12";
  EXPECT_EQ(sizes(8, 8, 1), std::set{9});
  EXPECT_EQ(sizes(16, 16, 1), std::set{17});
  EXPECT_EQ(sizes(8, 12, 1), (std::set{9, 11}));
}

TEST(Memory, EasyEpisodesStartNearTheObject) {
  const auto starts = [](float difficulty) {
    std::set<int> out;
    for (std::uint64_t seed = 0; seed < 200; ++seed)
      out.insert(Player(memory(), of_size(13, 13), seed, difficulty).batch().picture(0).agent_x);
    return out;
  };
  EXPECT_EQ(starts(0), std::set{1});
  EXPECT_EQ(starts(0.34f), (std::set{1, 2, 3})) << "round(10 x 0.34)";
  EXPECT_EQ(starts(0.38f), (std::set{1, 2, 3, 4}));
  EXPECT_EQ(starts(1), (std::set{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

}  // namespace
}  // namespace wane::minigrid_play
