// Span attention: the reference, the CPU's kernels and the GPU's, emulated, equal the formula and each other, values
// and gradients.

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "attention_cases.h"
#include "draws.h"
#include "memory/pool.h"
#include "tests/emulated/configs/device_launch.h"

namespace wane {
namespace {

using torch::Tensor;

void expect_equal(const AttentionOutput& a, const AttentionOutput& b, double tolerance) {
  EXPECT_LE(difference(a.out, b.out), tolerance);
  if (b.need.defined()) {
    EXPECT_LE(difference(a.need, b.need), tolerance);
  }
  if (b.charge.defined()) {
    EXPECT_LE(difference(a.charge, b.charge), tolerance);
  }
  if (b.reach.defined()) {
    EXPECT_LE(difference(a.reach, b.reach), tolerance);
  }
}

template <class Body>
void for_each_case(int seeds, Body body) {
  int number = 0;
  for (const CaseOptions& options : option_grid()) {
    for (int seed = 0; seed < seeds; ++seed) {
      SCOPED_TRACE("case " + std::to_string(number));
      body(random_case(number++, options), options);
    }
  }
}

TEST(Attention, EqualsTheFormula) {
  for_each_case(2, [](const AttentionCase& made, const CaseOptions&) {
    const AttentionOutput naive = naive_attention(made.in, made.who);
    expect_equal(reference_attention(made.in, made.who), naive, 1e-12);
    expect_equal(fused_attention(made.in, made.who), naive, 1e-12);
    expect_equal(device_attention(made.in, made.who), naive, 1e-12);
  });
}

void expect_equals_reference(Attend attend, const AttentionCase& made, torch::ScalarType precision, double tolerance,
                             bool of_spans = true) {
  const AttentionResult reference = run_attention(reference_attention, made, precision, of_spans),
                        other = run_attention(attend, made, precision, of_spans);
  expect_equal(other.output, reference.output, tolerance);
  for (std::size_t i = 0; i < other.gradients.size(); ++i) {
    SCOPED_TRACE("gradient of " + other.names[i]);
    const Tensor expected = reference.gradients[i];
    ASSERT_EQ(other.gradients[i].defined(), expected.defined());
    if (expected.defined()) {
      EXPECT_LE(difference(other.gradients[i], expected), tolerance);
    }
  }
}

void expect_equals_reference(Attend attend, torch::ScalarType precision, double tolerance) {
  for_each_case(6, [&](const AttentionCase& made, const CaseOptions&) {
    expect_equals_reference(attend, made, precision, tolerance);
  });
}

TEST(Attention, FusedEqualsReferenceInDouble) { expect_equals_reference(fused_attention, torch::kFloat64, 1e-11); }

TEST(Attention, FusedEqualsReferenceInFloat) { expect_equals_reference(fused_attention, torch::kFloat32, 2e-5); }

/// What a kernel does not write, a CPU often holds as 0 and a GPU does not: while one of these is there, it is NaN.
struct NothingIsZero {
  NothingIsZero() { at::globalContext().setDeterministicAlgorithms(true, false); }
  ~NothingIsZero() { at::globalContext().setDeterministicAlgorithms(false, false); }
};

TEST(Attention, DeviceEqualsReferenceInDouble) {
  const NothingIsZero guard;
  expect_equals_reference(device_attention, torch::kFloat64, 1e-11);
}

TEST(Attention, DeviceEqualsReferenceInFloat) {
  const NothingIsZero guard;
  expect_equals_reference(device_attention, torch::kFloat32, 2e-5);
}

/// More queries, or more of a past, than a warp has lanes; every size that there is a kernel of; spans that want
/// gradients, and spans that do not.
TEST(Attention, DeviceEqualsReferenceInManyShapes) {
  const NothingIsZero guard;
  std::uint64_t seed = 900;
  for (const int size : {8, 12, 16, 24, 32, 64}) {
    for (const auto& [queries, past, of_spans] : {std::tuple{1, 90, true}, {30, 12, false}, {40, 70, true}}) {
      CaseOptions options;
      options.queries = queries;
      options.past = past;
      options.heads = size <= 16 ? 5 : 2;
      options.size = size;
      options.reach = true;
      SCOPED_TRACE(std::to_string(size) + " numbers, " + std::to_string(queries) + " queries");
      expect_equals_reference(device_attention, random_case(seed++, options), torch::kFloat32, 1e-4, of_spans);
    }
  }
}

TEST(Attention, DeviceTakesWhatItHasKernelsFor) {
  const auto takes = [](int heads, int size, torch::ScalarType precision) {
    return device_attends(torch::zeros({1, 1, heads * size}, precision), heads);
  };
  EXPECT_TRUE(takes(16, 16, torch::kFloat32));
  EXPECT_TRUE(takes(8, 64, torch::kFloat32));
  EXPECT_FALSE(takes(9, 64, torch::kFloat32)) << "registers";
  EXPECT_FALSE(takes(4, 65, torch::kFloat32));
  EXPECT_TRUE(takes(4, 8, torch::kFloat64));
  EXPECT_FALSE(takes(4, 16, torch::kFloat64));
  EXPECT_FALSE(takes(4, 16, torch::kBFloat16));
}

TEST(Attention, ActingWithoutGradientsIsTheSame) {
  for_each_case(6, [](const AttentionCase& made, const CaseOptions& options) {
    torch::NoGradGuard no_gradients;
    for (const bool need : {true, false}) {
      AttentionCase acting = made;
      if (!need) acting.in.log_span = Tensor();
      const AttentionOutput expected = reference_attention(acting.in, acting.who);
      for (const Attend attend : {fused_attention, device_attention}) {
        const AttentionOutput found = attend(acting.in, acting.who);
        EXPECT_FALSE(found.out.requires_grad());
        EXPECT_LE(difference(found.out, expected.out), 1e-12) << options.queries << " queries";
        if (options.queries > 1 || acting.in.log_span.defined()) expect_equal(found, expected, 1e-12);
      }
    }
  });
}

TEST(Attention, WeightsOfTheReferenceSumToOneWithTheNullSlot) {
  CaseOptions without_null;
  without_null.null_slot = false;
  const AttentionCase made = random_case(3, without_null);
  const Tensor sums = reference_attention(made.in, made.who).weights.sum(-1);
  EXPECT_LE(difference(sums, torch::ones_like(sums)), 1e-12);
  const AttentionCase with_null = random_case(3, {});
  EXPECT_LT(reference_attention(with_null.in, with_null.who).weights.sum(-1).max().item<double>(), 1);
}

void expect_same_bits(const AttentionResult& one, const AttentionResult& two) {
  EXPECT_TRUE(torch::equal(one.output.out, two.output.out));
  EXPECT_TRUE(torch::equal(one.output.need, two.output.need));
  EXPECT_TRUE(torch::equal(one.output.charge, two.output.charge));
  for (std::size_t i = 0; i < one.gradients.size(); ++i) {
    if (one.gradients[i].defined()) {
      EXPECT_TRUE(torch::equal(one.gradients[i], two.gradients[i]));
    }
  }
}

TEST(Attention, ThreadsChangeNoBit) {
  const int threads = pool_threads;
  for_each_case(1, [](const AttentionCase& made, const CaseOptions&) {
    pool_threads = 1;
    const AttentionResult one = run_attention(fused_attention, made, torch::kFloat32);
    pool_threads = 2;
    expect_same_bits(one, run_attention(fused_attention, made, torch::kFloat32));
  });
  pool_threads = threads;
}

/// A GPU promises no order of blocks, nor of a block's threads between their meetings: a thread that forgot to wait for
/// another shows here.
TEST(Attention, OrderOfTheDevicesThreadsChangesNoBit) {
  const auto either_way = [](const AttentionCase& made) {
    const AttentionResult one = run_attention(device_attention, made, torch::kFloat32);
    first_comes_last = true;
    const AttentionResult two = run_attention(device_attention, made, torch::kFloat32);
    first_comes_last = false;
    expect_same_bits(one, two);
  };
  for_each_case(2, [&](const AttentionCase& made, const CaseOptions&) { either_way(made); });
  CaseOptions many;  // the heads meet more than once, over more than one tile
  many.queries = many.past = 40;
  many.heads = 3;
  either_way(random_case(1, many));
}

TEST(Attention, ThreadsChangeNoBitOfActing) {
  const int threads = pool_threads;
  Draws draws(1);
  const int envs = 64, slots = 9, width = 6;
  AttentionInput in;
  in.query = draws.tensor({envs, 1, width});
  in.key = draws.tensor({envs * slots, width});
  in.value = draws.tensor({envs * slots, width});
  in.position = draws.tensor({2, 4, 3});
  Candidates who;
  who.envs = envs;
  who.queries = 1;
  for (int b = 0; b <= envs; ++b) who.offset.push_back(b * slots);
  for (int c = 0; c < envs * slots; ++c) {
    who.row.push_back(c);
    who.birth.push_back(c % slots);
  }
  who.death_age.assign(envs * slots, kNever);
  who.episode.assign(envs * slots, 0);
  who.stays.assign(envs * slots, 0);
  who.query_step.assign(envs, slots - 1);
  who.query_episode.assign(envs, 0);
  torch::NoGradGuard no_gradients;
  pool_threads = 1;
  const Tensor one = fused_attention(in, who).out;
  pool_threads = 2;
  EXPECT_TRUE(torch::equal(one, fused_attention(in, who).out));
  pool_threads = threads;
}

}  // namespace
}  // namespace wane
