// `unroll` equals T calls of `step`: the one test that guards the design. Every rule, many blocks, clears inside
// blocks, slots that die inside them, weights that change between them; who lives is compared with books kept beside
// it.

#include <gtest/gtest.h>
#include <torch/types.h>

#include "simulation.h"

namespace wane {
namespace {

class Unroll : public testing::TestWithParam<Plan> {
 protected:
  void live(torch::ScalarType precision, double tolerance) {
    Simulation s(GetParam(), 1, precision);
    for (int block = 0; block < 8; ++block) {
      s.fill_block();
      const torch::Tensor replayed = s.memory->unroll(s.state, s.inputs, {}).features;
      ASSERT_EQ(replayed.scalar_type(), precision);
      ASSERT_LE((replayed - s.features).abs().max().item<double>(), tolerance) << "block " << block;
      nudge(*s.memory, s.draws);
      s.refresh();
      s.books.expect_same(s.state, Weights(*s.memory, s.plan));
    }
    if (GetParam().memory.kind == "expire_span") {
      EXPECT_GT(s.books.fading_deaths, 20) << "too few died inside a block";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Plans, Unroll, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

TEST_P(Unroll, EqualsStepsInDouble) { live(torch::kFloat64, 1e-10); }

TEST_P(Unroll, EqualsStepsInFloat) { live(torch::kFloat32, 1e-5); }

TEST_P(Unroll, EqualsStepsOfABlockThatIsNotFull) {
  Simulation s(GetParam(), 2);
  s.fill_block();
  s.refresh();
  for (int t = 0; t < 4; ++t) s.step();
  EXPECT_LE(difference(s.memory->unroll(s.state, s.inputs, {}).features, s.features), 1e-10);
}

}  // namespace
}  // namespace wane
