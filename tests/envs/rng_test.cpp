// Philox against the authors' published answers, and what worlds and agents rely on.

#include "envs/rng.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>
#include <vector>

namespace wane {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of Random123 1.14, tests/kat_vectors, "philox4x32 10".
TEST(Philox, GivesThePublishedKnownAnswers) {
  EXPECT_EQ(philox4x32(Words{0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32(Words{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32(Words{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, PurposeSeedLaneAndStepEachMatter) {
  const auto here = philox4x32(Purpose::action, 1, 2, 3);
  EXPECT_EQ(here, philox4x32(Words{3, 0, 2, 1}, {1, 0}));
  EXPECT_NE(here, philox4x32(Purpose::weights, 1, 2, 3));
  EXPECT_NE(here, philox4x32(Purpose::action, 1 + (1ull << 32), 2, 3));
  EXPECT_NE(here, philox4x32(Purpose::action, 1, 3, 3));
  EXPECT_NE(here, philox4x32(Purpose::action, 1, 2, 3 + (1ull << 32)));
}

TEST(Uniform01, StaysBelowOneAndIsEven) {
  EXPECT_EQ(to_uniform01(0), 0.0);
  EXPECT_LT(to_uniform01(~std::uint64_t{0}), 1.0);
  double sum = 0;
  std::array<int, 10> bins{};
  for (std::uint64_t step = 0; step < 100'000; ++step) {
    const double u = uniform01(Purpose::action, 5, 3, step);
    sum += u;
    ++bins[static_cast<std::size_t>(u * 10)];
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.004);
  for (const int count : bins) EXPECT_NEAR(count, 10'000, 500);  // five standard deviations
}

TEST(Rng, DrawsIntegersEvenlyAndReachesBothEnds) {
  Rng rng(9);
  std::array<int, 7> bins{};
  for (int i = 0; i < 70'000; ++i) ++bins[static_cast<std::size_t>(rng.uniform(Range<int>{10, 16}) - 10)];
  for (const int count : bins) EXPECT_NEAR(count, 10'000, 500);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rng.uniform(1), 0);
  for (int i = 0; i < 1000; ++i) {
    const float f = rng.uniform(Range<float>{-1.f, 3.f});
    EXPECT_TRUE(f >= -1.f && f <= 3.f);
  }
}

TEST(Rng, IsAValue) {
  static_assert(std::is_trivially_copyable_v<Rng>);
  Rng a(4);
  a.bits();
  Rng b = a;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(a.bits(), b.bits());
}

TEST(Rng, NeverRepeatsABlock) {
  Rng rng(11);
  std::set<std::uint64_t> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(rng.bits());
  EXPECT_EQ(drawn.size(), 1000u);
}

// Worlds draw the same episodes on every machine and in every version: these numbers stay.
TEST(Rng, KeepsItsNumbers) {
  Rng rng(12345);
  EXPECT_EQ(rng.bits(), 0x2f7fea51d1fa3e81u);
  EXPECT_EQ(hash(1, 2, 3), 0xd0734750fde362b3u);
}

TEST(EpisodeSeed, NeighboursShareNothing) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t run = 0; run < 10; ++run)
    for (std::uint64_t lane = 0; lane < 32; ++lane)
      for (std::uint64_t episode = 0; episode < 32; ++episode) seeds.insert(episode_seed(run, lane, episode));
  EXPECT_EQ(seeds.size(), 10u * 32 * 32);
  EXPECT_NE(hash(1, 2), hash(2, 1));
  EXPECT_NE(hash(0), hash(0, 0));
}

TEST(Range, ScaledLowersTheUpperEndOnly) {
  const Range<int> lengths{3, 200};
  EXPECT_EQ(lengths.scaled(1).hi, 200);
  EXPECT_EQ(lengths.scaled(0.05f).hi, 10);
  EXPECT_EQ(lengths.scaled(0.0524f).hi, 10);  // 10.48
  EXPECT_EQ(lengths.scaled(0.0526f).hi, 11);  // 10.52
  EXPECT_EQ(lengths.scaled(0).hi, 3);
  EXPECT_EQ(lengths.scaled(0.05f).lo, 3);
  EXPECT_FLOAT_EQ((Range<float>{0.f, 2.f}.scaled(0.25f).hi), 0.5f);
}

}  // namespace
}  // namespace wane
