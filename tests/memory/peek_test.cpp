// `peek` says what the next step would say, and leaves no trace.

#include <gtest/gtest.h>
#include <torch/types.h>

#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

class Peek : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Peek, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

Tensor random_input(Simulation& s, int lanes) { return s.draws.tensor({lanes, s.plan.memory.width}, -2, 2); }

TEST_P(Peek, EqualsTheNextStepAndChangesNothing) {
  Simulation s(GetParam(), 21);
  const std::array all{0, 1, 2};
  for (int block = 0; block < 3; ++block) {
    for (int t = 0; t < s.state.block; ++t) {
      const std::vector<double> before = fingerprint(s.state);
      const Tensor x = random_input(s, 3), peeked = s.memory->peek(s.state, x, all);
      ASSERT_EQ(fingerprint(s.state), before);
      const Tensor again = s.memory->peek(s.state, x, all);
      ASSERT_TRUE(torch::equal(peeked, again));
      MemoryState next = s.state;  // tensors are shared: what the step writes lies behind what was acted
      ASSERT_LE(difference(peeked, s.memory->step(next, x)), 1e-12);
      s.step();
    }
    s.refresh();
  }
}

TEST_P(Peek, AtTheEndOfABlockTheBlockCanStillBeReplayed) {
  Simulation s(GetParam(), 22);
  s.fill_block();
  const std::vector<double> before = fingerprint(s.state);
  const Tensor x = random_input(s, 3), peeked = s.memory->peek(s.state, x, std::array{0, 1, 2});
  EXPECT_EQ(fingerprint(s.state), before);
  EXPECT_LE(difference(s.memory->unroll(s.state, s.inputs, {}).features, s.features), 1e-10);
  s.refresh();
  if (GetParam().pools()) return;  // the next block's first step sees means where this look saw slots
  EXPECT_LE(difference(peeked, s.memory->step(s.state, x)), 1e-12);
}

TEST_P(Peek, OfSomeEnvironmentsInAnyOrder) {
  Simulation s(GetParam(), 23);
  s.fill_block();
  s.refresh();
  for (int t = 0; t < 3; ++t) s.step();
  const Tensor x = random_input(s, 3);
  const Tensor all = s.memory->peek(s.state, x, std::array{0, 1, 2});
  const Tensor some = s.memory->peek(s.state, x.index_select(0, torch::tensor({2, 0})), std::array{2, 0});
  EXPECT_LE(difference(some, all.index_select(0, torch::tensor({2, 0}))), 1e-12);
}

TEST(PeekEpisode, SeesTheOldEpisodeUntilItIsCleared) {
  Simulation s(plan_named("log_proportional"), 24);
  for (int t = 0; t < 5; ++t) s.step(0);
  const Tensor x = random_input(s, 1);
  const Tensor old = s.memory->peek(s.state, x, std::array{1});
  s.clear(1);
  const Tensor fresh = s.memory->peek(s.state, x, std::array{1});
  EXPECT_GT(difference(old, fresh), 0.01);
}

}  // namespace
}  // namespace wane
