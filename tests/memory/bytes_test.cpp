// The dead cost nothing: their bytes are free at the end of the block, and the rows that remain are each environment's
// own.

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr int kWidth = 12, kBlock = 16;

/// What a table of so many rows takes: hidden, key, value, span; birth, death, fade, stays.
std::int64_t bytes_of(std::int64_t rows) { return rows * ((3 * kWidth + 1) * sizeof(float) + 8 + 4 + 4 + 1); }

std::int64_t rows_of(const MemoryState& state, const SlotTable& table) {
  return table.past() + state.envs * (state.block + 1);
}

struct Scene {
  Scene() {
    plan.memory.layers = 1;
    plan.memory.width = kWidth;
    plan.memory.max_span = 256;
    plan.spans.first_span = 100;
    memory = random_memory(plan, 1, torch::kFloat32);
    set("layer0.rule.weight", 0);
    state = memory->begin(3, kBlock);
  }
  void set(const char* name, double value) {
    torch::NoGradGuard no_gradients;
    memory->named_parameters()[name].fill_(value);
  }
  void act_block() {
    for (int t = 0; t < kBlock; ++t) memory->step(state, draws.tensor({3, kWidth}).to(torch::kFloat32));
  }
  const SlotTable& table() const { return state.layers[0]; }

  Plan plan = plan_named("log_proportional");
  std::shared_ptr<Memory> memory;
  MemoryState state;
  Draws draws{2};
};

TEST(Bytes, FallWhenSlotsDieAndTheBlockEnds) {
  Scene s;
  EXPECT_EQ(s.table().bytes(), bytes_of(3 * (kBlock + 1)));
  for (int block = 0; block < 3; ++block) {
    s.act_block();
    s.memory->refresh(s.state);
  }
  EXPECT_EQ(s.table().past(), 3 * 3 * kBlock);
  const std::int64_t full = s.table().bytes();
  EXPECT_EQ(full, bytes_of(3 * 3 * kBlock + 3 * (kBlock + 1)));
  s.set("layer0.rule.bias", std::log(3));
  s.memory->refresh(s.state);
  EXPECT_EQ(s.table().past(), 3 * 5);  // e = 3, R = 2.75: ages 1..5 live on
  EXPECT_EQ(s.table().bytes(), bytes_of(3 * 5 + 3 * (kBlock + 1)));
  EXPECT_LT(s.table().bytes(), full / 2);
  s.act_block();
  s.memory->refresh(s.state);
  EXPECT_EQ(s.table().past(), 3 * 5);
}

TEST(Bytes, ABlockThatIsCompactedByItsNextStepFreesThemToo) {
  Scene s;
  s.set("layer0.rule.bias", std::log(3));
  s.act_block();
  s.memory->step(s.state, s.draws.tensor({3, kWidth}).to(torch::kFloat32));
  EXPECT_EQ(s.table().past(), 3 * 5);
  EXPECT_EQ(s.table().bytes(), bytes_of(3 * 5 + 3 * (kBlock + 1)));
}

/// Environment 0's observations live long, those of the others die at once.
TEST(Bytes, OneLongLivedEnvironmentKeepsNoSlotsOfOthers) {
  Scene s;
  s.set("layer0.rule.bias", std::log(20));
  Tensor direction = s.draws.tensor({kWidth}).to(torch::kFloat32);
  direction -= direction.mean();
  {
    torch::NoGradGuard no_gradients;
    s.memory->named_parameters()["layer0.rule.weight"].copy_(3 * direction / direction.square().sum());
  }
  const Tensor x = torch::stack({5 * direction, -5 * direction, -5 * direction});
  for (int block = 0; block < 3; ++block) {
    for (int t = 0; t < kBlock; ++t) s.memory->step(s.state, x);
    s.memory->refresh(s.state);
  }
  const auto& offset = s.table().offset;
  EXPECT_EQ(offset[1] - offset[0], 3 * kBlock);
  EXPECT_LT(offset[2] - offset[1], 6);
  EXPECT_LT(offset[3] - offset[2], 6);
  EXPECT_EQ(s.table().bytes(), bytes_of(rows_of(s.state, s.table())));
}

TEST(Bytes, NoMultiplyIsSpentOnTheDeadFromTheNextStepOn) {
  Scene s;
  s.set("layer0.rule.bias", std::log(3));
  s.act_block();  // one block, nothing compacted yet
  for (int lane = 0; lane < 3; ++lane) {
    EXPECT_EQ(s.table().seen[lane], 6);
    EXPECT_EQ(s.table().live[lane].size(), 6);
  }
}

}  // namespace
}  // namespace wane
