// GRU and LSTM under the rules that every memory keeps: a block again equals its steps, an episode's end empties one
// environment alone, a look ahead leaves no trace, gradients are those of finite differences.

#include "memory/recurrent.h"

#include <gtest/gtest.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "draws.h"
#include "memory/slot_edits.h"

namespace wane {
namespace {

using torch::Tensor;

struct Kind {
  const char* kind;
  int layers;
};

struct Life {
  Draws draws;
  std::shared_ptr<Memory> memory;
  MemoryState state;
  Tensor inputs, features;  // (B, T, D)

  explicit Life(const Kind& kind, std::uint64_t seed, torch::ScalarType precision = torch::kFloat64) : draws(seed) {
    Settings settings;
    settings.memory.kind = kind.kind;
    settings.memory.layers = kind.layers;
    settings.memory.width = 6;
    memory = make_memory(settings, [this] { return draws.real(); });
    memory->to(precision);
    state = memory->begin(3, 7);
    inputs = features = torch::empty({3, 0, 6}, torch::TensorOptions(precision));
  }
  void step(double clear_chance) {
    for (int lane = 0; lane < 3; ++lane)
      if (draws.chance(clear_chance)) memory->clear(state, std::array{lane});
    const Tensor x = draws.tensor({3, 6}, -2, 2).to(inputs.scalar_type());
    inputs = torch::cat({inputs, x.unsqueeze(1)}, 1);
    features = torch::cat({features, memory->step(state, x).unsqueeze(1)}, 1);
  }
  void block(double clear_chance = 0.2) {
    inputs = inputs.narrow(1, 0, 0);
    features = features.narrow(1, 0, 0);
    for (int t = 0; t < 7; ++t) step(clear_chance);
  }
};

class RecurrentTest : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, RecurrentTest, testing::Values(Kind{"gru", 1}, Kind{"lstm", 1}, Kind{"lstm", 2}),
                         [](const auto& test) { return test.param.kind + std::to_string(test.param.layers); });

TEST_P(RecurrentTest, UnrollEqualsSteps) {
  for (const auto& [precision, tolerance] : {std::pair{torch::kFloat64, 1e-12}, std::pair{torch::kFloat32, 1e-5}}) {
    Life life(GetParam(), 1, precision);
    for (int block = 0; block < 6; ++block) {
      life.block();
      EXPECT_LE(difference(life.memory->unroll(life.state, life.inputs, {}).features, life.features), tolerance);
      life.memory->refresh(life.state);
    }
  }
}

TEST_P(RecurrentTest, RemembersAcrossBlocksUntilTheEpisodeEnds) {
  Life a(GetParam(), 2), b(GetParam(), 2);  // the same weights and, from here on, the same draws
  b.memory->step(b.state, torch::ones({3, 6}, torch::kFloat64));
  a.memory->step(a.state, torch::zeros({3, 6}, torch::kFloat64));
  for (Life* life : {&a, &b}) {
    for (int t = 0; t < 9; ++t) life->memory->step(life->state, torch::full({3, 6}, 0.1, torch::kFloat64));
  }
  const Tensor x = torch::full({3, 6}, 0.2, torch::kFloat64);
  const std::array all{0, 1, 2};
  EXPECT_GT(difference(a.memory->peek(a.state, x, all), b.memory->peek(b.state, x, all)), 1e-6);
  for (Life* life : {&a, &b}) life->memory->clear(life->state, std::array{1});
  const Tensor after_a = a.memory->peek(a.state, x, all), after_b = b.memory->peek(b.state, x, all);
  EXPECT_EQ(difference(after_a[1], after_b[1]), 0) << "what was before is gone";
  EXPECT_GT(difference(after_a[0], after_b[0]), 1e-6) << "of that environment alone";
}

TEST_P(RecurrentTest, PeekEqualsTheNextStepAndChangesNothing) {
  Life life(GetParam(), 3);
  life.block();
  for (int t = 0; t < 10; ++t) {
    const Tensor x = life.draws.tensor({3, 6}, -2, 2), before = life.state.recurrent.clone();
    const Tensor some = life.memory->peek(life.state, x.index_select(0, torch::tensor({2, 0})), std::array{2, 0});
    EXPECT_TRUE(torch::equal(life.state.recurrent, before));
    const Tensor all = life.memory->step(life.state, x);
    EXPECT_LE(difference(some, all.index_select(0, torch::tensor({2, 0}))), 1e-14);
  }
}

TEST_P(RecurrentTest, GradientsAreThoseOfFiniteDifferences) {
  Life life(GetParam(), 4);
  life.block();
  life.memory->refresh(life.state);
  life.block();
  const Tensor x = life.inputs.clone().requires_grad_(true), pull = life.draws.tensor({3, 7, 6}, -1, 1);
  const auto loss = [&] { return (life.memory->unroll(life.state, x, {}).features * pull).sum(); };
  loss().backward();
  std::vector<std::pair<Tensor, Tensor>> checked{{x, x.grad()}};
  for (const Tensor& parameter : life.memory->parameters()) checked.emplace_back(parameter, parameter.grad());
  constexpr double kNudge = 1e-6;
  const torch::NoGradGuard no_gradients;
  for (auto& [value, gradient] : checked) {
    auto* const at = value.data_ptr<double>();
    for (std::int64_t i = 0; i < value.numel(); i += 1 + value.numel() / 9) {
      const double kept = at[i];
      at[i] = kept + kNudge;
      const double up = loss().item<double>();
      at[i] = kept - kNudge;
      const double down = loss().item<double>();
      at[i] = kept;
      EXPECT_NEAR(gradient.reshape({-1})[i].item<double>(), (up - down) / (2 * kNudge), 1e-7);
    }
  }
}

TEST_P(RecurrentTest, SwapExchangesAndCopiesShareNothing) {
  Life life(GetParam(), 5);
  life.block(0);
  const MemoryState copy = copy_of(life.state);
  const Tensor before = life.state.recurrent.clone();
  life.memory->swap(life.state, 0, 2);
  EXPECT_TRUE(torch::equal(life.state.recurrent.select(1, 0), before.select(1, 2)));
  EXPECT_TRUE(torch::equal(life.state.recurrent.select(1, 2), before.select(1, 0)));
  EXPECT_TRUE(torch::equal(life.state.recurrent.select(1, 1), before.select(1, 1)));
  EXPECT_TRUE(torch::equal(copy.recurrent, before));
}

TEST_P(RecurrentTest, SavedAndLoadedItGoesOnTheSame) {
  Life life(GetParam(), 6);
  life.block();
  life.memory->refresh(life.state);
  torch::serialize::OutputArchive out;
  life.memory->save(life.state, out);
  std::stringstream bytes;
  out.save_to(bytes);
  torch::serialize::InputArchive in;
  in.load_from(bytes);
  MemoryState loaded = life.memory->load(in, 3, 7);
  EXPECT_EQ(loaded.now, life.state.now);
  const Tensor x = life.draws.tensor({3, 6}, -2, 2);
  EXPECT_TRUE(torch::equal(life.memory->step(loaded, x), life.memory->step(life.state, x)));
}

}  // namespace
}  // namespace wane
