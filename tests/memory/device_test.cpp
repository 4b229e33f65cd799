// Memories on a GPU: the kernels on real hardware, and whole memories beside the CPU's. Skipped where there is no GPU;
// what can be known of the kernels without one, attention_test.cpp asks of them emulated.

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "attention_cases.h"
#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr const char* kNone = "LibTorch finds no usable GPU here";

class DeviceAttention : public testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << kNone;
    if (!device_attends(torch::zeros({1, 8}, torch::kCUDA), 1)) GTEST_SKIP() << "no kernels of ours for this GPU";
  }
};

/// Output, need, charge and reach, then the gradients.
std::vector<Tensor> results(Attend attend, const AttentionCase& made, torch::ScalarType precision) {
  const AttentionResult all = run_attention(attend, made, precision, true, torch::kCUDA);
  std::vector<Tensor> listed{all.output.out, all.output.need, all.output.charge, all.output.reach};
  listed.insert(listed.end(), all.gradients.begin(), all.gradients.end());
  return listed;
}

void expect_equals_reference(const AttentionCase& made, torch::ScalarType precision) {
  const auto ours = results(device_attention, made, precision), same = results(device_attention, made, precision),
             theirs = results(reference_attention, made, precision);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (!ours[i].defined() || !theirs[i].defined()) continue;
    ASSERT_LE(difference(ours[i].cpu(), theirs[i].cpu()), precision == torch::kFloat64 ? 1e-10 : 1e-4)
        << "result " << i;
    ASSERT_TRUE(torch::equal(ours[i], same[i])) << "two calls, two results";
  }
}

/// As many threads and registers as a launch can ask for.
TEST_F(DeviceAttention, TheLargestBlocksStart) {
  for (const auto& [heads, size] : {std::pair{16, 8}, {16, 16}, {8, 32}, {8, 64}}) {
    CaseOptions options;
    options.queries = options.past = 40;
    options.heads = heads;
    options.size = size;
    options.reach = true;
    expect_equals_reference(random_case(std::uint64_t(size), options), torch::kFloat32);
  }
}

TEST_F(DeviceAttention, EqualsReference) {
  std::uint64_t seed = 0;
  for (const torch::ScalarType precision : {torch::kFloat64, torch::kFloat32}) {
    for (const int size : precision == torch::kFloat64 ? std::vector{0, 8} : std::vector{0, 16, 24, 32, 64}) {
      for (CaseOptions options : option_grid()) {
        options.size = size;
        expect_equals_reference(random_case(seed++, options), precision);
        if (HasFatalFailure()) FAIL() << "case " << seed - 1;
      }
    }
  }
}

class DeviceMemory : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, DeviceMemory, testing::ValuesIn(plans()),
                         [](const auto& test) { return test.param.name; });

/// `books_may_leave`: those of tables whose slots go by their age alone are kept by the GPU.
void expect_acts_and_learns_as_on_the_cpu(const Plan& plan, bool books_may_leave) {
  Simulation s(plan, 3, torch::kFloat64, 5, 7);
  const auto there = random_memory(plan, 1003);
  there->to(torch::kCUDA);
  MemoryState state = there->begin(5, 7);
  state.witnesses = plan.witnesses;
  state.books_may_leave = books_may_leave;
  for (int block = 0; block < 4; ++block) {
    for (int t = 0; t < 7; ++t) {
      if (t == block) {
        s.clear(t % 5);
        there->clear(state, std::array{std::int32_t(t % 5)});
      }
      const Tensor features = s.step(0);
      const Tensor theirs = there->step(state, s.inputs.select(1, t).to(torch::kCUDA));
      ASSERT_LE(difference(theirs.cpu(), features), 1e-9) << "block " << block << ", step " << t;
    }
    const Tensor x = s.inputs.detach().clone().requires_grad_();
    const Tensor theirs = s.inputs.detach().to(torch::kCUDA).requires_grad_();
    s.memory->unroll(s.state, x, {}).features.square().sum().backward();
    there->unroll(state, theirs, {}).features.square().sum().backward();
    ASSERT_LE(difference(theirs.grad().cpu(), x.grad()), 1e-8) << "block " << block;
    s.refresh();
    there->refresh(state);
    for (std::size_t l = 0; l < state.layers.size(); ++l) {
      ASSERT_EQ(state.layers[l].counts.dropped, s.state.layers[l].counts.dropped) << "block " << block;
      ASSERT_EQ(state.layers[l].books.defined(),
                books_may_leave && plan.goes_by_age() && plan.memory.compute == "auto");
      ASSERT_EQ(there->inspect(state, 4)[l].size(), s.memory->inspect(s.state, 4)[l].size());
    }
  }
}

TEST_P(DeviceMemory, ActsAndLearnsAsOnTheCpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << kNone;
  expect_acts_and_learns_as_on_the_cpu(GetParam(), false);
}

TEST_P(DeviceMemory, WithBooksThereToo) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << kNone;
  expect_acts_and_learns_as_on_the_cpu(GetParam(), true);
}

}  // namespace
}  // namespace wane
