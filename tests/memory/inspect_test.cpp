// What `inspect` shows is what the last step used.

#include <gtest/gtest.h>
#include <torch/types.h>

#include "simulation.h"

namespace wane {
namespace {

class Inspect : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Inspect, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

TEST_P(Inspect, ShowsAgesLivesSpansMasksAndTheAttentionPaid) {
  if (GetParam().evicts() || GetParam().pools()) GTEST_SKIP() << "the brute force keeps all: see eviction_test.cpp";
  Simulation s(GetParam(), 31);
  const Weights weights(*s.memory, s.plan);
  const bool spans = s.plan.memory.kind == "expire_span";
  std::vector<BruteForce> keeps_all;
  for (int lane = 0; lane < 3; ++lane) keeps_all.emplace_back(weights, lane);
  std::vector<std::int64_t> first_step(3, 0);  // of the episode
  for (int t = 0; t < 25; ++t) {
    for (int lane = 0; lane < 3; ++lane) {
      if (!s.draws.chance(0.05)) continue;
      s.clear(lane);
      keeps_all[lane].clear();
      first_step[lane] = s.state.now;
    }
    s.step(0);
    for (int lane = 0; lane < 3; ++lane) {
      keeps_all[lane].step(s.inputs[lane][s.state.filled - 1]);
      const auto shown = s.memory->inspect(s.state, lane);
      ASSERT_EQ(shown.size(), std::size_t(s.plan.memory.layers));
      for (int l = 0; l < s.plan.memory.layers; ++l) {
        const auto& slots = s.books.slots(l, lane);
        ASSERT_EQ(shown[l].size(), slots.size());
        std::vector<double> sums;
        for (int h = 0; h < s.plan.memory.heads; ++h)
          sums.push_back(keeps_all[lane].null_attention[l][h].item<double>());
        for (std::size_t i = 0; i < slots.size(); ++i) {
          const SlotView& view = shown[l][i];
          const std::int64_t age = s.state.now - 1 - slots[i].birth;
          EXPECT_EQ(view.birth, slots[i].birth);
          EXPECT_EQ(view.age, age);
          EXPECT_EQ(view.remaining, slots[i].death_age == kNever ? kNever : slots[i].death_age - age);
          EXPECT_NEAR(view.span, slots[i].span, 1e-9);
          EXPECT_NEAR(view.mask, spans && !slots[i].stays ? weights.mask(slots[i].span, age) : 1, 1e-9);
          ASSERT_EQ(view.attention.size(), std::size_t(s.plan.memory.heads));
          for (int h = 0; h < s.plan.memory.heads; ++h) {
            const auto expected = keeps_all[lane].attention[l][h][slots[i].birth - first_step[lane]].item<double>();
            EXPECT_NEAR(view.attention[h], expected, 1e-6);
            sums[h] += view.attention[h];
          }
        }
        for (double sum : sums) EXPECT_NEAR(sum, 1, 1e-5) << "slots and the null slot, layer " << l;
      }
    }
  }
}

TEST_P(Inspect, OfAnEnvironmentThatForgotIsEmpty) {
  Simulation s(GetParam(), 32);
  s.step(0);
  s.clear(1);
  for (const auto& layer : s.memory->inspect(s.state, 1)) EXPECT_TRUE(layer.empty());
  for (const auto& layer : s.memory->inspect(s.state, 0)) EXPECT_EQ(layer.size(), 1);
}

TEST(InspectNothing, BeforeTheFirstStep) {
  Simulation s(plans().front(), 33);
  for (const auto& layer : s.memory->inspect(s.state, 0)) EXPECT_TRUE(layer.empty());
}

}  // namespace
}  // namespace wane
