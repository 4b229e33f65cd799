// Between blocks: what the weights of now say about what lives, and what a block leaves behind.

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

class Refresh : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Refresh, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

TEST_P(Refresh, ComputesKeysValuesSpansAndDeathsFromHiddenWithTheWeightsOfNow) {
  Simulation s(GetParam(), 11);
  const int D = s.plan.memory.width;
  for (int block = 0; block < 3; ++block) {
    s.fill_block();
    nudge(*s.memory, s.draws, 0.1);
    s.refresh();
    const Weights weights(*s.memory, s.plan);
    s.books.expect_same(s.state, weights);
    for (int l = 0; l < s.plan.memory.layers; ++l) {
      const SlotTable& table = s.state.layers[l];
      const int past = table.past();
      if (past == 0) continue;
      const Tensor n = weights.normalise(l, table.hidden.narrow(0, 0, past)), project = weights.at(l, "project");
      EXPECT_LE(difference(table.key.narrow(0, 0, past), torch::matmul(n, project.narrow(0, D, D).t())), 1e-12);
      EXPECT_LE(difference(table.value.narrow(0, 0, past), torch::matmul(n, project.narrow(0, 2 * D, D).t())), 1e-12);
      if (table.span.defined()) {
        EXPECT_LE(difference(table.span.narrow(0, 0, past), weights.spans(l, table.hidden.narrow(0, 0, past))), 1e-12);
      }
      int row = 0;
      for (int lane = 0; lane < s.state.envs; ++lane) {
        ASSERT_EQ(table.offset[lane], row);
        for (const auto& slot : s.books.slots(l, lane)) EXPECT_TRUE(torch::equal(table.hidden[row++], slot.hidden));
      }
      ASSERT_EQ(table.past(), row);
    }
  }
}

/// A one-layer memory of one environment, five slots born with span 6 and ramp 4, all alive; then spans become `span`.
struct FiveSlots {
  FiveSlots() {
    plan.memory.layers = 1;
    plan.memory.max_span = 64;
    plan.spans.form = "sigmoid";
    plan.spans.first_share = 6.01 / 64;
    plan.spans.ramp = 4;
    Draws draws(1);
    memory = make_memory(plan.settings(), [&] { return draws.real(); });
    state = memory->begin(1, 5);
    for (int t = 0; t < 5; ++t) memory->step(state, draws.tensor({1, 64}).to(torch::kFloat32));
  }
  void set_span(double span) {
    torch::NoGradGuard no_gradients;
    memory->named_parameters()["layer0.rule.bias"].fill_(std::log(span / (64 - span)));
  }
  const SlotTable& table() const { return state.layers[0]; }
  std::vector<std::int64_t> births() const {
    std::vector<std::int64_t> births;
    for (const std::int32_t row : table().live[0]) births.push_back(table().birth[row]);
    return births;
  }

  Plan plan;
  std::shared_ptr<Memory> memory;
  MemoryState state;
};

TEST(RefreshDeaths, MayMoveEarlierAndThenTheSlotIsGoneBeforeTheFirstQuery) {
  FiveSlots s;
  s.set_span(0.01);  // dead at age 5: the slot born at 0, at now = 5, goes; at age 4 the next still lives
  s.memory->refresh(s.state);
  EXPECT_EQ(s.births(), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(s.table().counts.dropped, 1);
  EXPECT_EQ(s.table().past(), 4);
  EXPECT_EQ(s.table().death[0], 5);
}

TEST(RefreshDeaths, MayMoveLaterWhileWhatWasDroppedNeverReturns) {
  FiveSlots s;
  s.set_span(0.01);
  s.memory->refresh(s.state);
  s.set_span(30.5);
  s.memory->refresh(s.state);
  EXPECT_EQ(s.births(), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(s.table().death[0], 35);
}

/// A slot that was not born at the top has a ramp and an end, even where its span grows to the top later.
TEST(RefreshDeaths, StayingIsDecidedAtBirthAlone) {
  Simulation s(plan_named("keep_at_top"), 12);
  int born_low_now_high = 0;
  for (int block = 0; block < 6; ++block) {
    s.fill_block();
    nudge(*s.memory, s.draws, 0.1);
    s.refresh();
    for (const SlotTable& table : s.state.layers) {
      for (int row = 0; row < table.past(); ++row) {
        const bool at_top = table.span[row].item<double>() >= 0.9 * s.plan.memory.max_span;
        EXPECT_EQ(table.stays[row] == 1, table.death[row] == kNever);
        born_low_now_high += at_top && !table.stays[row];
      }
    }
  }
  EXPECT_GT(born_low_now_high, 0) << "the case did not occur";
}

TEST(FullBlock, IsCompactedByTheNextStepAndEqualsALongerBlock) {
  for (const Plan& plan : plans()) {
    if (plan.pools()) continue;  // blocks are when it pools
    SCOPED_TRACE(plan.name);
    const auto memory = random_memory(plan, 13);
    Draws draws(14);
    MemoryState small = memory->begin(3, 4), large = memory->begin(3, 64);
    for (int t = 0; t < 30; ++t) {
      if (t % 7 == 6) {
        memory->clear(small, std::array{t % 3});
        memory->clear(large, std::array{t % 3});
      }
      const Tensor x = draws.tensor({3, plan.memory.width}, -2, 2);
      ASSERT_LE(difference(memory->step(small, x), memory->step(large, x)), 1e-12) << "step " << t;
      for (std::size_t l = 0; l < small.layers.size(); ++l) {
        ASSERT_EQ(small.layers[l].seen, large.layers[l].seen);
        ASSERT_EQ(small.layers[l].fading, large.layers[l].fading);
      }
    }
    EXPECT_EQ(small.filled, 2);
    EXPECT_EQ(large.filled, 30);
  }
}

}  // namespace
}  // namespace wane
