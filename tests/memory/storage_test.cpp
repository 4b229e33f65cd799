// Slots kept in bfloat16: half the bytes, both ways of computing alike, and what is lost by rounding.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <array>

#include "configs/error.h"
#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr int kEnvs = 3, kBlock = 9, kBlocks = 4;

Plan kept_in(const char* storage, const char* compute, const char* plan_name) {
  Plan plan = plan_named(plan_name);
  plan.memory.layers = 1;
  plan.memory.storage = storage;
  plan.memory.compute = compute;
  return plan;
}

/// The same life for every memory that is of one shape: steps with a clear in each block, then a refresh.
struct Life {
  explicit Life(const Plan& plan)
      : memory(random_memory(plan, 7, torch::kFloat32)), state(memory->begin(kEnvs, kBlock)) {
    Draws draws(8);
    for (int block = 0; block < kBlocks; ++block) {
      if (block) memory->refresh(state);
      std::vector<Tensor> xs, ys;
      for (int t = 0; t < kBlock; ++t) {
        if (t == 5) memory->clear(state, std::array{block % kEnvs});
        xs.push_back(draws.tensor({kEnvs, plan.memory.width}, -2, 2).to(torch::kFloat32));
        ys.push_back(memory->step(state, xs.back()));
      }
      inputs = torch::stack(xs, 1);
      steps.push_back(torch::stack(ys, 1));
    }
  }
  Tensor all() const { return torch::stack(steps); }

  std::shared_ptr<Memory> memory;
  MemoryState state;
  Tensor inputs;              // (B, T, D) of the last block
  std::vector<Tensor> steps;  // (B, T, D) each
};

TEST(Storage, Bfloat16HalvesTheBytesOfSlots) {
  const Life whole(kept_in("float32", "fused", "transformer_xl")), half(kept_in("bfloat16", "fused", "transformer_xl"));
  const SlotTable &a = whole.state.layers[0], &b = half.state.layers[0];
  EXPECT_EQ(b.hidden.nbytes() * 2, a.hidden.nbytes());
  EXPECT_EQ(a.bytes() - b.bytes(), std::int64_t(a.hidden.nbytes() + a.key.nbytes() + a.value.nbytes()) / 2);
}

TEST(Storage, KernelsEqualTheReference) {
  for (const char* plan : {"log_proportional", "transformer_xl", "learn_gradient"}) {
    SCOPED_TRACE(plan);
    const Life ours(kept_in("bfloat16", "fused", plan)), theirs(kept_in("bfloat16", "reference", plan));
    EXPECT_EQ(ours.state.layers[0].live, theirs.state.layers[0].live);
    EXPECT_LE(difference(ours.all(), theirs.all()), 2e-2);  // a rounding that falls the other way: 2^-8
    const Tensor a = ours.memory->unroll(ours.state, ours.inputs, {}).features,
                 b = theirs.memory->unroll(ours.state, ours.inputs, {}).features;
    EXPECT_LE(difference(a, b), 1e-4);                  // one state
    EXPECT_LE(difference(a, ours.steps.back()), 5e-2);  // the block's own slots are not rounded there
  }
}

TEST(Storage, RoundsWhatIsRemembered) {
  const Life whole(kept_in("float32", "fused", "transformer_xl")), half(kept_in("bfloat16", "fused", "transformer_xl"));
  const double lost = difference(whole.all(), half.all());
  EXPECT_GT(lost, 1e-4);
  EXPECT_LT(lost, 5e-2);
}

TEST(Storage, SpansStayInFloat) {
  const Life life(kept_in("bfloat16", "fused", "log_proportional"));
  EXPECT_EQ(life.state.layers[0].span.scalar_type(), torch::kFloat32);
}

TEST(Storage, OfDoublePrecisionIsRefused) {
  const auto memory = random_memory(kept_in("bfloat16", "fused", "transformer_xl"), 7, torch::kFloat64);
  EXPECT_ANY_THROW(memory->begin(1, 1));
}

}  // namespace
}  // namespace wane
