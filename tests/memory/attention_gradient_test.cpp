// Gradients of span attention in double precision: against central differences, of need and charge by rule, and at the
// ends of the ramp, where a logarithm of the mask would give NaN.

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <array>
#include <cmath>
#include <functional>

#include "attention_cases.h"
#include "draws.h"

namespace wane {
namespace {

using torch::Tensor;

class AttentionGradient : public testing::TestWithParam<Attend> {};
class AttentionDifferences : public testing::TestWithParam<Attend> {};

std::string name_of(const testing::TestParamInfo<Attend>& test) {
  return std::array{"reference", "fused", "device"}[test.index];
}

constexpr Attend kDevice = device_attention;  // of the host's candidates
INSTANTIATE_TEST_SUITE_P(All, AttentionGradient, testing::Values(&reference_attention, &fused_attention, kDevice),
                         name_of);
// Thousands of evaluations, which an emulated GPU takes a minute for: it is held to the reference in double instead.
INSTANTIATE_TEST_SUITE_P(Both, AttentionDifferences, testing::Values(&reference_attention, &fused_attention), name_of);

CaseOptions options_of(int queries, double ramp = 3, bool need = true, bool null_slot = true) {
  CaseOptions options;
  options.queries = queries;
  options.ramp = ramp;
  options.need = need;
  options.null_slot = null_slot;
  return options;
}

/// d loss / d `at`, entry by entry, by central differences.
Tensor numeric_gradient(const std::function<double()>& loss, Tensor& at) {
  constexpr double kStep = 1e-5;
  torch::NoGradGuard no_gradients;
  Tensor gradient = torch::zeros_like(at);
  double* value = at.data_ptr<double>();
  for (std::int64_t i = 0; i < at.numel(); ++i) {
    const double here = value[i];
    value[i] = here + kStep;
    const double above = loss();
    value[i] = here - kStep;
    gradient.view(-1)[i] = (above - loss()) / (2 * kStep);
    value[i] = here;
  }
  return gradient;
}

/// Of (out * target).sum(), in the order of tensors_of; each is held to its central differences.
std::vector<Tensor> gradients_of_output(Attend attend, AttentionCase& made, const Tensor& target) {
  const auto loss = [&] { return (attend(made.in, made.who).out * target).sum(); };
  std::vector<Tensor> inputs;
  for (const auto& [name, tensor] : tensors_of(made.in)) inputs.push_back(*tensor);
  const auto gradients = torch::autograd::grad({loss()}, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor numeric = numeric_gradient([&] { return loss().item<double>(); }, inputs[i]);
    EXPECT_LE(difference(gradients[i], numeric), 1e-7)
        << tensors_of(made.in)[i].first << ", ramp " << made.in.ramp.steps;
  }
  return gradients;
}

TEST_P(AttentionDifferences, OfTheOutputEqualTheGradients) {
  int seed = 100;
  for (double ramp : {3.0, 0.0}) {
    double on_ramp = 0;
    for (const bool null_slot : {true, false}) {
      AttentionCase made = random_case(seed++, options_of(3, ramp, false, null_slot));
      const Tensor target = Draws(seed).tensor(made.in.query.sizes());
      const auto gradients = gradients_of_output(GetParam(), made, target);
      on_ramp += gradients[3].abs().max().item<double>();
    }
    EXPECT_GT(on_ramp, 0.01) << "no slot was on its ramp";
  }
}

TEST_P(AttentionDifferences, OfHeadsSpansEqualTheGradients) {
  int seed = 300;
  for (double ramp : {3.0, 0.0}) {
    double greatest = 0;
    for (int i = 0; i < 4; ++i) {
      CaseOptions options = options_of(3, ramp, false, i % 2);
      options.spans = false;
      options.head_spans = true;
      AttentionCase made = random_case(seed++, options);
      const Tensor target = Draws(seed).tensor(made.in.query.sizes());
      const auto gradients = gradients_of_output(GetParam(), made, target);
      greatest = std::max(greatest, gradients.back().abs().max().item<double>());
    }
    EXPECT_GT(greatest, 0.01) << "no head's look was on its ramp";
  }
}

TEST_P(AttentionGradient, OfNeedReachesLogSpansAlone) {
  AttentionCase made = random_case(7, options_of(5));
  const auto need = [&] { return GetParam()(made.in, made.who).need; };
  std::vector<Tensor> inputs;
  for (const auto& [name, tensor] : tensors_of(made.in)) inputs.push_back(*tensor);
  const auto gradients = torch::autograd::grad({need()}, inputs, {}, std::nullopt, false, true);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (tensors_of(made.in)[i].first == "log_span") {
      const Tensor numeric = numeric_gradient([&] { return need().item<double>(); }, inputs[i]);
      EXPECT_LE(difference(gradients[i], numeric), 1e-8);
      EXPECT_LT(gradients[i].min().item<double>(), 0) << "nothing was needed";
    } else if (gradients[i].defined()) {
      EXPECT_EQ(gradients[i].abs().max().item<double>(), 0) << tensors_of(made.in)[i].first;
    }
  }
}

TEST_P(AttentionGradient, OfChargeReachesSpansAloneWithTheRampHeldFixed) {
  for (double ramp : {3.0, 0.0}) {
    AttentionCase made = random_case(11, options_of(5, ramp, false));
    std::vector<Tensor> inputs;
    for (const auto& [name, tensor] : tensors_of(made.in)) inputs.push_back(*tensor);
    const auto gradients =
        torch::autograd::grad({GetParam()(made.in, made.who).charge}, inputs, {}, std::nullopt, false, true);
    Tensor expected = torch::zeros_like(made.in.span).detach();
    const Candidates& who = made.who;
    for (int q = 0; q < who.envs * who.queries; ++q) {
      for (int b = q / who.queries, c = who.offset[b]; c < who.offset[b + 1]; ++c) {
        const double e = made.in.span[who.row[c]].item<double>(), length = ramp > 0 ? ramp : e / 4 + 2;
        const double age = who.query_step[q] - who.birth[c];
        const bool same_episode = who.episode[c] == who.query_episode[q];
        if (same_episode && !who.stays[c] && age > e && age < e + length) {
          expected[who.row[c]] += 1 / length / (who.envs * who.queries);
        }
      }
    }
    EXPECT_GT(expected.max().item<double>(), 0);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (tensors_of(made.in)[i].first == "span") {
        EXPECT_LE(difference(gradients[i], expected), 1e-12);
      } else if (gradients[i].defined()) {
        EXPECT_EQ(gradients[i].abs().max().item<double>(), 0) << tensors_of(made.in)[i].first;
      }
    }
  }
}

/// One environment, one query at age 12 of a slot with span 8: proportional R = 4 and fixed R = 4 both end there.
/// Others have a mask of exactly 1 (span 12) and of 1/4 (span 9, fixed ramp).
TEST_P(AttentionGradient, IsFiniteAndZeroAtTheEndsOfTheRamp) {
  for (double ramp : {4.0, 0.0}) {
    Draws draws(3);
    AttentionInput in;
    in.query = draws.tensor({1, 1, 4});
    in.key = draws.tensor({4, 4});
    in.value = draws.tensor({4, 4});
    in.span = torch::tensor({8.0, 12.0, 9.0, 5.0}, torch::kFloat64);
    in.position = draws.tensor({2, 3, 2});
    in.ramp.steps = ramp;
    Candidates who;
    who.envs = who.queries = 1;
    who.offset = {0, 4};
    who.row = {0, 1, 2, 3};
    who.death_age.assign(4, kNever);
    who.episode.assign(4, 0);
    who.birth = {0, 0, 0, 12};
    who.stays.assign(4, 0);
    who.query_step = {12};
    who.query_episode = {0};
    in.span.requires_grad_();
    in.key.requires_grad_();
    in.value.requires_grad_();
    const Tensor out = GetParam()(in, who).out;
    const auto gradients =
        torch::autograd::grad({(out * draws.tensor(out.sizes())).sum()}, {in.span, in.key, in.value});
    for (const Tensor& gradient : gradients) EXPECT_TRUE(torch::isfinite(gradient).all().item<bool>());
    EXPECT_EQ(gradients[0][0].item<double>(), 0) << "mask 0";
    EXPECT_EQ(gradients[0][1].item<double>(), 0) << "mask 1";
    EXPECT_NE(gradients[0][2].item<double>(), 0) << "on the ramp";
    EXPECT_EQ(gradients[1][0].abs().max().item<double>(), 0) << "a slot of mask 0 is not there";
    EXPECT_EQ(gradients[2][0].abs().max().item<double>(), 0) << "a slot of mask 0 is not there";
  }
}

}  // namespace
}  // namespace wane
