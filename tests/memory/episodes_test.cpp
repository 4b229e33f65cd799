// The end of an episode empties one environment's memory and touches no other; no query sees a slot of another episode.

#include <gtest/gtest.h>
#include <torch/types.h>

#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

class Episodes : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Episodes, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

/// Two lives from the same weights, step by step, clearing as told.
struct Twins {
  explicit Twins(const Plan& plan) : memory(random_memory(plan, 5)), draws(6), width(plan.memory.width) {
    for (auto& state : states) state = memory->begin(3, 8);
  }
  Tensor input() { return draws.tensor({3, width}, -2, 2); }

  std::shared_ptr<Memory> memory;
  Draws draws;
  int width;
  MemoryState states[2];
};

TEST_P(Episodes, ClearingOneEnvironmentChangesNoBitOfTheOthers) {
  Twins twins(GetParam());
  double changed = 0;
  for (int t = 0; t < 30; ++t) {  // blocks of 8 are compacted by the steps themselves
    if (t % 5 == 4) twins.memory->clear(twins.states[0], std::array{1});
    const Tensor x = twins.input();
    const Tensor cleared = twins.memory->step(twins.states[0], x), kept = twins.memory->step(twins.states[1], x);
    // LibTorch's products round by the number of rows, which the reference has of all environments together.
    const double rounding = GetParam().pools() && GetParam().memory.compute == "reference" ? 1e-12 : 0;
    for (int lane : {0, 2}) ASSERT_LE(difference(cleared[lane], kept[lane]), rounding) << "step " << t;
    changed += difference(cleared[1], kept[1]);
  }
  if (GetParam().memory.kind != "none" && GetParam().memory.slots != 1) {
    EXPECT_GT(changed, 0.01) << "the clear did nothing";
  }
}

TEST_P(Episodes, AQueryNeverSeesAnotherEpisode) {
  Twins twins(GetParam());
  const Tensor old = twins.input();
  std::vector<Tensor> inputs[2];
  Tensor stepped[2];
  for (int t = 0; t < 16; ++t) {
    if (t == 8) {
      for (auto& state : twins.states) twins.memory->refresh(state);
      for (auto& block : inputs) block.clear();
    }
    if (t == 11) {
      for (auto& state : twins.states) twins.memory->clear(state, std::array{0, 2});
    }
    const Tensor x = twins.input();
    for (int twin : {0, 1}) {
      inputs[twin].push_back(twin == 1 && t < 11 ? x + 0.7 * old : x);  // another past
      stepped[twin] = twins.memory->step(twins.states[twin], inputs[twin].back());
    }
    if (t >= 11) {
      for (int lane : {0, 2}) ASSERT_TRUE(torch::equal(stepped[0][lane], stepped[1][lane])) << "step " << t;
    }
  }
  Tensor replayed[2];
  for (int twin : {0, 1}) {
    replayed[twin] = twins.memory->unroll(twins.states[twin], torch::stack(inputs[twin], 1), {}).features;
  }
  for (int lane : {0, 2}) EXPECT_LE(difference(replayed[0][lane].slice(0, 3), replayed[1][lane].slice(0, 3)), 1e-14);
  EXPECT_GT(difference(replayed[0][0].slice(0, 0, 3), replayed[1][0].slice(0, 0, 3)), 0.01);
}

TEST_P(Episodes, NoGradientCrossesTheEndOfAnEpisode) {
  Simulation s(plan_named(GetParam().name), 7);
  for (int t = 0; t < 4; ++t) s.step(0);
  s.clear(1);
  for (int t = 0; t < 5; ++t) s.step(0);
  s.inputs.requires_grad_();
  s.memory->unroll(s.state, s.inputs, {}).features[1].slice(0, 4).square().sum().backward();
  EXPECT_EQ(s.inputs.grad()[1].slice(0, 0, 4).abs().max().item<double>(), 0);
  EXPECT_GT(s.inputs.grad()[1].slice(0, 4).abs().max().item<double>(), 0);
}

TEST(Clear, LeavesNothingBehind) {
  Simulation s(plan_named("log_proportional"), 8);
  s.fill_block();
  s.clear(0);
  s.refresh();
  for (const SlotTable& table : s.state.layers) EXPECT_EQ(table.offset[1], 0);
  const Tensor x = s.draws.tensor({3, 12});
  MemoryState fresh = s.memory->begin(3, 9);
  EXPECT_LE(difference(s.memory->step(s.state, x)[0], s.memory->step(fresh, x)[0]), 1e-12);
}

TEST(Swap, ExchangesWhatTwoEnvironmentsRemember) {
  Simulation s(plan_named("log_proportional"), 9);
  s.fill_block();
  s.refresh();
  for (int t = 0; t < 3; ++t) s.step(0);
  const Tensor x = s.draws.tensor({1, 12}).expand({3, 12}).contiguous();
  const Tensor before = s.memory->peek(s.state, x, std::array{0, 1, 2});
  s.memory->swap(s.state, 0, 2);
  EXPECT_THROW(s.memory->unroll(s.state, s.inputs, {}), std::logic_error);
  const Tensor after = s.memory->step(s.state, x);
  EXPECT_LE(difference(after, before.index_select(0, torch::tensor({2, 1, 0}))), 1e-12);
  EXPECT_GT(difference(before[0], before[2]), 0.01);
  s.memory->refresh(s.state);
  const Tensor later = s.memory->step(s.state, x);
  EXPECT_GT(difference(later[0], later[2]), 0.01);
}

}  // namespace
}  // namespace wane
