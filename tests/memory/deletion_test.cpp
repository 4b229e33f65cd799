// Deletion changes nothing: with fixed weights the memory, which drops what is dead, gives the outputs of one that
// keeps all and only masks it. The other one is the brute force of the tests: it shares no line with the memory.

#include <gtest/gtest.h>
#include <torch/types.h>

#include "simulation.h"

namespace wane {
namespace {

class Deletion : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Deletion, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

TEST_P(Deletion, ChangesNoOutput) {
  if (GetParam().evicts() || GetParam().pools()) GTEST_SKIP() << "what goes here is not dead, and is missed";
  Simulation s(GetParam(), 3);
  const Weights weights(*s.memory, s.plan);
  std::vector<BruteForce> keeps_all;
  for (int lane = 0; lane < s.state.envs; ++lane) keeps_all.emplace_back(weights, lane);
  for (int block = 0; block < 4; ++block) {
    for (int t = 0; t < s.state.block; ++t) {
      for (int lane = 0; lane < s.state.envs; ++lane) {
        if (!s.draws.chance(0.03)) continue;
        s.clear(lane);
        keeps_all[lane].clear();
      }
      const torch::Tensor y = s.step(0);
      for (int lane = 0; lane < s.state.envs; ++lane) {
        const torch::Tensor expected = keeps_all[lane].step(s.inputs[lane][t]);
        ASSERT_LE(difference(y[lane], expected), 1e-10)
            << "block " << block << ", step " << t << ", environment " << lane;
      }
    }
    if (block != 1) s.refresh();  // after block 1 the full block is compacted by the next step itself
  }
  if (GetParam().memory.kind != "none" && !GetParam().spans.keep_at_top) {
    EXPECT_GT(s.state.layers[0].counts.dropped, 10);
  }
}

}  // namespace
}  // namespace wane
