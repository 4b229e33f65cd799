// The CPU's kernels, whole layers (`memory.compute: fused`), against LibTorch's operators and gradients: every rule,
// with weights that change between blocks, episodes that end inside them, and slots that die.

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "memory/pool.h"
#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

Plan computed_by(Plan plan, const std::string& compute) {
  plan.memory.compute = compute;
  return plan;
}

struct Learned {
  std::vector<Tensor> values, gradients;  // gradients: of x, then of the parameters
};

/// A loss that touches all that an unroll puts out, each with weights of its own.
Learned learn(const Memory& memory, const MemoryState& state, const Tensor& inputs, const UnrollOptions& options) {
  const Tensor x = inputs.detach().clone().requires_grad_();
  const Unrolled out = memory.unroll(state, x, options);
  Learned learned{{out.features}, {}};
  for (const LayerLosses& layer : out.layers) {
    learned.values.insert(learned.values.end(), {layer.need, layer.charge, layer.reach});
    if (layer.born.defined()) learned.values.push_back(layer.born);
    if (layer.heads.defined()) learned.values.push_back(layer.heads);
  }
  Tensor loss = torch::zeros({}, x.options());
  for (std::size_t i = 0; i < learned.values.size(); ++i) {
    const Tensor& value = learned.values[i];
    if (value.defined()) loss = loss + (value * Draws(i).tensor(value.sizes()).to(value.scalar_type())).sum();
  }
  std::vector<Tensor> wanted{x};
  for (const Tensor& parameter : memory.parameters()) wanted.push_back(parameter);
  learned.gradients = torch::autograd::grad({loss}, wanted, {}, std::nullopt, false, true);
  return learned;
}

void expect_equal(const std::vector<Tensor>& a, const std::vector<Tensor>& b, double tolerance, const char* what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    SCOPED_TRACE(std::string(what) + " " + std::to_string(i));
    const Tensor zero = a[i].defined() ? torch::zeros_like(a[i]) : b[i].defined() ? torch::zeros_like(b[i]) : Tensor();
    if (!zero.defined()) continue;
    EXPECT_LE(difference(a[i].defined() ? a[i] : zero, b[i].defined() ? b[i] : zero), tolerance);
  }
}

class Fused : public testing::TestWithParam<Plan> {
 protected:
  void equals_reference(torch::ScalarType precision, double tolerance) {
    Simulation s(computed_by(GetParam(), "fused"), 3, precision, 5, 7);
    const auto reference = random_memory(computed_by(GetParam(), "reference"), 1003, precision);
    for (int block = 0; block < 4; ++block) {
      s.fill_block();
      for (const bool learns : {true, false}) {
        for (const std::int32_t oldest : {kNever, 3}) {
          SCOPED_TRACE("block " + std::to_string(block) + (learns ? ", spans learn" : "") + ", up to " +
                       std::to_string(oldest));
          const Learned ours = learn(*s.memory, s.state, s.inputs, {learns, oldest}),
                        theirs = learn(*reference, s.state, s.inputs, {learns, oldest});
          expect_equal(ours.values, theirs.values, tolerance, "output");
          expect_equal(ours.gradients, theirs.gradients, tolerance, "gradient");
        }
      }
      nudge(*s.memory, s.draws);
      torch::NoGradGuard no_gradients;
      for (std::size_t i = 0; i < reference->parameters().size(); ++i)
        reference->parameters()[i].copy_(s.memory->parameters()[i]);
      s.refresh();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Plans, Fused, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

TEST_P(Fused, EqualsReferenceInDouble) { equals_reference(torch::kFloat64, 1e-10); }

TEST_P(Fused, EqualsReferenceInFloat) { equals_reference(torch::kFloat32, 1e-4); }

/// Wide heads and many environments: the vector paths, several tiles of slots, chunks and sets of gradients.
TEST(FusedShapes, EqualReference) {
  for (const auto& [envs, block, heads, width, layers] :
       {std::array{3, 40, 2, 32, 1}, {20, 16, 1, 64, 2}, {70, 3, 4, 64, 1}, {1, 300, 2, 32, 1}, {2, 5, 3, 51, 2}}) {
    SCOPED_TRACE(std::to_string(envs) + " environments, width " + std::to_string(width));
    Plan plan = plan_named("learn_gradient");
    plan.memory.heads = heads;
    plan.memory.width = width;
    plan.memory.layers = layers;
    plan.memory.max_span = 4096;
    plan.spans.first_span = 900;
    Simulation s(computed_by(plan, "fused"), 4, torch::kFloat64, envs, block);
    const auto reference = random_memory(computed_by(plan, "reference"), 1004, torch::kFloat64);
    for (int i = 0; i < 2; ++i) {
      s.fill_block(0.01);
      const Learned ours = learn(*s.memory, s.state, s.inputs, {true, kNever}),
                    theirs = learn(*reference, s.state, s.inputs, {true, kNever});
      expect_equal({ours.values.front()}, {s.features}, 1e-10, "step");
      expect_equal(ours.values, theirs.values, 1e-10, "output");
      expect_equal(ours.gradients, theirs.gradients, 1e-10, "gradient");
      s.refresh();
    }
  }
}

TEST(FusedThreads, ChangeNoBit) {
  const auto run = [](int threads) {
    pool_threads = threads;
    Simulation s(plan_named("learn_gradient"), 6, torch::kFloat32, 40, 8);
    std::vector<Tensor> all;
    for (int block = 0; block < 2; ++block) {
      s.fill_block();
      all.push_back(s.features);
      const Learned learned = learn(*s.memory, s.state, s.inputs, {true, kNever});
      all.insert(all.end(), learned.values.begin(), learned.values.end());
      all.insert(all.end(), learned.gradients.begin(), learned.gradients.end());
      s.refresh();
    }
    return all;
  };
  const int threads = pool_threads;
  const auto one = run(1), two = run(2);
  pool_threads = threads;
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(torch::equal(one[i], two[i])) << i;
}

}  // namespace
}  // namespace wane
