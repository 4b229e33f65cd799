// A fixed number of slots, and slots that become one. That steps equal the unroll, that states are saved and that who
// lives is who should is held for every rule by the tests of all plans; here is what those cannot say.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <map>

#include "configs/error.h"
#include "configs/reader.h"
#include "memory/slot_edits.h"
#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

class Evicting : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Plans, Evicting,
                         testing::Values("oldest", "random_sinks", "random_reference", "heavy_hitter",
                                         "heavy_hitter_reference", "soonest"),
                         [](const auto& test) { return test.param; });

TEST_P(Evicting, FillsItsRoomAndNeverMore) {
  Simulation s(plan_named(GetParam()), 51);
  std::size_t most = 0;
  for (int block = 0; block < 4; ++block) {
    for (int t = 0; t < s.state.block; ++t) {
      s.step(0.02);
      for (const SlotTable& table : s.state.layers) {
        for (const auto& live : table.live) most = std::max(most, live.size());
      }
    }
    EXPECT_LE(difference(s.memory->unroll(s.state, s.inputs, {}).features, s.features), 1e-10);
    s.refresh();
  }
  EXPECT_EQ(most, std::size_t(s.plan.memory.slots));
}

/// A look ahead sees what the step would have seen, and nobody goes for it.
TEST_P(Evicting, PeekEqualsTheStepAndEvictsNobody) {
  Simulation s(plan_named(GetParam()), 52);
  for (int t = 0; t < 25; ++t) {
    const Tensor x = s.draws.tensor({3, s.plan.memory.width});
    if (s.state.filled == s.state.block) s.refresh();
    const auto before = fingerprint(s.state);
    const Tensor ahead = s.memory->peek(s.state, x, s.state.all);
    EXPECT_EQ(fingerprint(s.state), before);
    MemoryState copy = copy_of(s.state);
    EXPECT_LE(difference(s.memory->step(copy, x), ahead), 1e-12);
    s.step(0.05);
  }
}

TEST(Eviction, OldestIsTransformerXlOfThatManySteps) {
  Plan window = plan_named("oldest");
  window.memory.max_span = window.memory.slots;
  window.memory.slots = 0;
  Simulation a(plan_named("oldest"), 53), b(window, 53);
  for (int t = 0; t < 40; ++t) ASSERT_TRUE(torch::equal(a.step(0.05), b.step(0.05))) << t;
}

/// Each as likely: who of six goes, over many steps of many environments.
TEST(Eviction, RandomTakesEachAsOften) {
  Plan plan = plan_named("random_sinks");
  plan.memory.layers = 1;
  plan.memory.sinks = 0;
  const auto memory = random_memory(plan, 1);
  constexpr int kEnvs = 100, kSteps = 60, kMay = 6;  // of room 6, all before the step's own
  MemoryState state = memory->begin(kEnvs, 200);
  std::array<int, kMay> gone{};
  int all = 0;
  for (int t = 0; t < kSteps; ++t) {
    const auto before = state.layers[0].live;
    memory->step(state, torch::zeros({kEnvs, plan.memory.width}, torch::kFloat64));
    for (int b = 0; b < kEnvs && t > 6; ++b) {
      const auto& live = state.layers[0].live[b];
      for (int i = 0; i < kMay; ++i) {
        const bool went = std::ranges::find(live, before[b][i]) == live.end();
        gone[i] += went;
        all += went;
      }
    }
  }
  ASSERT_EQ(all, kEnvs * (kSteps - 7));
  double chi2 = 0;
  for (const int n : gone) chi2 += (n - all / 6.0) * (n - all / 6.0) / (all / 6.0);
  EXPECT_LT(chi2, 20.5);  // 5 degrees of freedom, p = 0.001
}

TEST(Eviction, RandomFollowsFromTheRunsSeed) {
  const auto births = [](std::uint64_t seed) {
    const auto memory = random_memory(plan_named("random_reference"), seed);
    MemoryState state = memory->begin(3, 64);
    for (int t = 0; t < 30; ++t) memory->step(state, torch::zeros({3, 12}, torch::kFloat64));
    return state.layers[0].live;
  };
  EXPECT_EQ(births(1), births(1));
  EXPECT_NE(births(1), births(2));
}

/// What slots were paid is the sum of what `inspect` shows of each step; least paid of the older half goes.
TEST(Eviction, HeavyHitterCountsTheAttentionPaid) {
  for (const char* name : {"heavy_hitter", "heavy_hitter_reference"}) {
    Simulation s(plan_named(name), 54);
    std::vector<std::map<std::int64_t, double>> paid(2);  // by birth, of environment 0
    int cases = 0;
    for (int t = 0; t < 60; ++t) {
      if (s.state.filled == s.state.block) s.refresh();  // weights unchanged
      const std::int64_t now = s.state.now;
      std::vector<std::vector<std::int64_t>> before(2);
      for (int l = 0; l < 2; ++l)
        for (const auto row : s.state.layers[l].live[0]) before[l].push_back(s.state.layers[l].birth[row]);
      s.step(0);
      const auto shown = s.memory->inspect(s.state, 0);
      for (int l = 0; l < 2; ++l) {
        std::vector<std::int64_t> after;
        for (const SlotView& slot : shown[l]) after.push_back(slot.birth);
        if (before[l].size() == std::size_t(s.plan.memory.slots)) {
          const auto older = before[l].begin() + 4;  // of 6: 2 young ones and the own step are the younger half
          const auto least =
              std::min_element(before[l].begin(), older, [&](auto a, auto b) { return paid[l].at(a) < paid[l].at(b); });
          EXPECT_EQ(std::ranges::find(after, *least), after.end()) << name << ", step " << now << ", layer " << l;
          cases += *least != before[l].front();
        }
        for (const SlotView& slot : shown[l])
          for (const float weight : slot.attention) paid[l][slot.birth] += weight;
      }
    }
    EXPECT_GT(cases, 10) << "it was always the oldest";
  }
}

TEST(Eviction, AStayingSlotGoesOnlyWhereNothingElseCan) {
  Plan plan = plan_named("keep_at_top");
  plan.memory.slots = 3;
  const auto memory = random_memory(plan, 5);
  MemoryState state = memory->begin(1, 8);
  for (int t = 0; t < 3; ++t) memory->step(state, torch::zeros({1, 12}, torch::kFloat64));
  SlotTable& table = state.layers[0];
  std::fill(table.stays.begin(), table.stays.end(), 0);
  pin_slot(table, 0, 0);
  EXPECT_EQ(table.birth[victim(table, state, 0)], 1);
  pin_slot(table, 0, 1);
  pin_slot(table, 0, 2);
  EXPECT_EQ(table.birth[victim(table, state, 0)], 0);
}

TEST(Pooling, MakesMeansOfWhatIsOlderThanTheWindow) {
  Simulation s(plan_named("compressive"), 55);
  for (int block = 0; block < 5; ++block) {
    s.fill_block(0.02);
    s.refresh();
    const Weights weights(*s.memory, s.plan);
    s.books.expect_same(s.state, weights);
    for (int l = 0; l < s.plan.memory.layers; ++l) {
      const SlotTable& table = s.state.layers[l];
      const int D = s.plan.memory.width;
      int row = 0;
      for (int lane = 0; lane < 3; ++lane) {
        for (const auto& slot : s.books.slots(l, lane)) {
          EXPECT_EQ(table.pooled[row], slot.pooled);
          EXPECT_LE(difference(table.hidden[row], slot.hidden), 1e-12);
          const Tensor n = weights.normalise(l, slot.hidden);
          EXPECT_LE(difference(table.key[row], torch::mv(weights.at(l, "project").narrow(0, D, D), n)), 1e-12);
          ++row;
        }
      }
    }
  }
  EXPECT_GT(s.books.pooled, 10);
}

/// Blocks of an evaluation end without a refresh: pooled then too, and their keys follow.
TEST(Pooling, HappensWhenAFullBlockIsCompacted) {
  Simulation a(plan_named("compressive"), 56), b(plan_named("compressive"), 56);
  for (int t = 0; t < 40; ++t) {
    if (b.state.filled == b.state.block) b.refresh();
    const bool full = a.state.filled == a.state.block;
    if (full) a.books.refresh(a.state, Weights(*a.memory, a.plan));
    ASSERT_LE(difference(a.step(0.05), b.step(0.05)), 1e-12) << t;
  }
  EXPECT_GT(a.books.pooled, 5);
}

TEST(RoomSettings, ThatCannotBeAreErrors) {
  const auto read = [](std::vector<std::string> overrides) { return parse_settings("", "test", overrides); };
  EXPECT_THROW(read({"memory.slots=5", "memory.sinks=5"}), Error);
  EXPECT_NO_THROW(read({"memory.slots=5", "memory.sinks=4"}));
  EXPECT_THROW(read({"memory.kind=none", "memory.sinks=1"}), Error);
  EXPECT_THROW(read({"memory.kind=adaptive_span", "memory.sinks=1"}), Error);
  EXPECT_THROW(read({"memory.kind=adaptive_span", "adaptive_span.first_span=2000"}), Error);
  EXPECT_THROW(read({"memory.evict=newest"}), Error);
}

}  // namespace
}  // namespace wane
