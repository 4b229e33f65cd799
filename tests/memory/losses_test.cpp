// What spans learn from: need and charge of an unroll against numbers computed by hand, and which gradient reaches
// what.

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <set>

#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr double kSpan = 2.5, kMaxSpan = 64;
constexpr UnrollOptions kLearning = {.learn_spans = true, .greatest_age = kNever};

/// One layer, one head, queries of zero: attention is even over masks. Every span is 2.5 steps.
struct Even {
  Even(const std::string& learn, double ramp, int steps, int envs = 1) {
    plan.memory.layers = plan.memory.heads = 1;
    plan.memory.width = 4;
    plan.spans.learn = learn;
    plan.spans.ramp = ramp;
    plan.spans.first_span = kSpan;
    plan.spans.margin = 3;
    plan.spans.even_share = 0.5;
    remember(steps, envs);
  }
  void remember(int steps, int envs) {
    memory = random_memory(plan, 1);
    torch::NoGradGuard no_gradients;
    auto parameters = memory->named_parameters();
    parameters["layer0.rule.weight"].zero_();
    parameters["layer0.null"].zero_();
    parameters["layer0.project"].narrow(0, 0, 4).zero_();
    parameters["layer0.rule.bias"].fill_(std::log(kMaxSpan) - std::log(std::expm1(4 * std::log(kMaxSpan / kSpan))) / 4);
    state = memory->begin(envs, steps);
    inputs = Draws(2).tensor({envs, steps, 4});
    for (int t = 0; t < steps; ++t) memory->step(state, inputs.select(1, t));
  }
  Tensor parameter(const char* name) const { return memory->named_parameters()[name]; }

  Plan plan = plan_named("log_proportional");
  std::shared_ptr<Memory> memory;
  MemoryState state;
  Tensor inputs;
};

/// Steps 0 and 1. At step 1 the two slots and the null slot get 1/3 each; a fair share is 0.5/3, so 1/6 is above it,
/// squared 1/36. The slot of age 1 should live ln(3 x 1 + 1) but lives ln 2.5; that of age 0 misses nothing: ln 1 = 0.
/// Two queries.
TEST(Losses, NeedByHand) {
  const Even s("usage", 0, 2);
  const LayerLosses losses = s.memory->unroll(s.state, s.inputs, kLearning).layers[0];
  EXPECT_NEAR(losses.need.item<double>(), std::log(4 / kSpan) / 36 / 2, 1e-12);
  losses.need.backward();
  const double du_db = 1 - std::pow(kSpan / kMaxSpan, 4);  // of the soft bound
  EXPECT_NEAR(s.parameter("layer0.rule.bias").grad().item<double>(), -du_db / 36 / 2, 1e-12);
  const double unbounded = s.parameter("layer0.rule.bias").item<double>();  // the weight is 0
  EXPECT_LE(difference(losses.born, torch::full({1, 2}, unbounded, torch::kFloat64)), 1e-12);
}

/// Steps 0 and 1 see ages 0 and 1, which are free. Step 2 gives a quarter of its look to age 2.
TEST(Losses, ReachByHand) {
  Even s("usage", 0, 3);
  EXPECT_EQ(s.memory->unroll(s.state, s.inputs, kLearning).layers[0].reach.item<double>(), 0) << "nobody asks";
  s.plan.spans.reach_cost = 1;
  s.remember(3, 1);
  const LayerLosses losses = s.memory->unroll(s.state, s.inputs, kLearning).layers[0];
  EXPECT_NEAR(losses.reach.item<double>(), std::log(1.5) / 4 / 3, 1e-12);
  losses.reach.backward();  // of four even shares: d a / d logit is a (1 - a) of its own, - a a of another's
  EXPECT_NEAR(s.parameter("layer0.null").grad().item<double>(), -std::log(1.5) / 16 / 3, 1e-12);
  EXPECT_FALSE(s.parameter("layer0.rule.bias").grad().defined() &&
               s.parameter("layer0.rule.bias").grad().abs().max().item<double>() > 0)
      << "teaches where to look, not what to keep";
}

/// At the top the gradient of ln of the span is all but 0; what the price pulls at comes down all the same.
TEST(Losses, ThePriceIsFeltAtTheTop) {
  for (const char* form : {"log", "sigmoid"}) {
    Even s("usage", 0, 2);
    s.plan.spans.form = form;
    s.memory = random_memory(s.plan, 1);
    {
      torch::NoGradGuard no_gradients;
      s.parameter("layer0.rule.weight").zero_();
      s.parameter("layer0.rule.bias").fill_(20);
    }
    s.state = s.memory->begin(1, 2);
    for (int t = 0; t < 2; ++t) s.memory->step(s.state, s.inputs.select(1, t));
    EXPECT_NEAR(s.state.layers[0].span[0].item<double>(), kMaxSpan, 1e-3) << form;
    s.memory->unroll(s.state, s.inputs, kLearning).layers[0].born.mean().backward();
    EXPECT_NEAR(s.parameter("layer0.rule.bias").grad().item<double>(), 1, 1e-12) << form;
  }
}

/// R = 2: ages 3 and 4 are on the ramp, masks 3/4 and 1/4. Of steps 0..5, step 3 sees one such slot, 4 and 5 see two.
TEST(Losses, ChargeByHand) {
  const Even s("gradient", 2, 6);
  const Tensor charge = s.memory->unroll(s.state, s.inputs, kLearning).layers[0].charge;
  EXPECT_NEAR(charge.item<double>(), 5 * kSpan / 2 / 6, 1e-12);
  charge.backward();
  const double de_db = kSpan * (1 - std::pow(kSpan / kMaxSpan, 4));
  EXPECT_NEAR(s.parameter("layer0.rule.bias").grad().item<double>(), 5 * de_db / 2 / 6, 1e-12);
}

/// R = 2.5/4 + 2 = 2.625: ages 3, 4 and 5. The ramp is held fixed, or the gradient would be another.
TEST(Losses, ChargeOnAProportionalRampByHand) {
  const Even s("gradient", 0, 6);
  const Tensor charge = s.memory->unroll(s.state, s.inputs, kLearning).layers[0].charge;
  EXPECT_NEAR(charge.item<double>(), 6 * kSpan / 2.625 / 6, 1e-12);
  charge.backward();
  const double de_db = kSpan * (1 - std::pow(kSpan / kMaxSpan, 4));
  EXPECT_NEAR(s.parameter("layer0.rule.bias").grad().item<double>(), 6 * de_db / 2.625 / 6, 1e-12);
}

TEST(Losses, AreMeansOverEnvironments) {
  const Even one("gradient", 2, 6), three("gradient", 2, 6, 3);
  const auto charge = [](const Even& s) {
    return s.memory->unroll(s.state, s.inputs, {}).layers[0].charge.item<double>();
  };
  EXPECT_NEAR(charge(three), charge(one), 1e-12);
}

/// A memory with cached slots, in the middle of whose second block the question is asked.
Simulation mid_way(const std::string& learn, double ramp = 3) {
  Plan plan = plan_named("log_proportional");
  plan.spans.learn = learn;
  plan.spans.ramp = ramp;
  plan.spans.even_share = 0.3;
  Simulation s(plan, 51);
  s.fill_block(0);
  s.refresh();
  s.fill_block();
  return s;
}

bool touched(const Tensor& parameter) {
  return parameter.grad().defined() && parameter.grad().abs().max().item<double>() > 0;
}

/// Names of the parameters that a loss gives a gradient to; all that belong to spans have "rule" in their name.
std::set<std::string> touched_parameters(Simulation& s) {
  std::set<std::string> names;
  for (const auto& parameter : s.memory->named_parameters()) {
    if (touched(parameter.value())) names.insert(parameter.key());
  }
  return names;
}

const std::set<std::string> kSpanParameters = {"layer0.rule.bias", "layer0.rule.weight", "layer1.rule.bias",
                                               "layer1.rule.weight"};

bool any_of_spans(const std::set<std::string>& names) {
  for (const auto& name : names) {
    if (kSpanParameters.contains(name)) return true;
  }
  return false;
}

TEST(Learners, SpanParametersAreThoseOfTheRule) {
  Simulation s = mid_way("usage");
  EXPECT_EQ(s.memory->span_parameters().size(), 4);
  for (const Tensor& parameter : s.memory->span_parameters()) parameter.sum().backward();
  EXPECT_EQ(touched_parameters(s), kSpanParameters);
}

TEST(Learners, UsageKeepsThePolicysLossFromTheSpans) {
  Simulation s = mid_way("usage");
  s.memory->unroll(s.state, s.inputs, kLearning).features.square().sum().backward();
  EXPECT_FALSE(any_of_spans(touched_parameters(s)));
  EXPECT_GT(touched_parameters(s).size(), 10);
}

TEST(Learners, UsageGivesNeedAndPriceToTheSpansAlone) {
  Simulation s = mid_way("usage");
  const Unrolled u = s.memory->unroll(s.state, s.inputs, kLearning);
  (u.layers[0].need + u.layers[1].need + u.layers[0].born.mean() + u.layers[1].born.mean()).backward();
  EXPECT_EQ(touched_parameters(s), kSpanParameters);
  for (const auto& parameter : s.memory->span_parameters()) parameter.mutable_grad() = Tensor();
  const Unrolled again = s.memory->unroll(s.state, s.inputs, kLearning);
  (again.layers[0].need + again.layers[1].need).backward();
  EXPECT_EQ(touched_parameters(s), kSpanParameters) << "nothing was needed";
}

TEST(Learners, GradientReachesSpansThroughSlotsOnTheirRamp) {
  Simulation s = mid_way("gradient");
  EXPECT_GT(s.state.layers[0].counts.fading, 0);
  s.memory->unroll(s.state, s.inputs, kLearning).features.square().sum().backward();
  for (const auto& name : kSpanParameters) EXPECT_TRUE(touched_parameters(s).contains(name)) << name;
}

TEST(Learners, BothReachesSpansFromThePolicyAndFromNeed) {
  const auto touches = [](auto&& loss) {
    Simulation s = mid_way("both");
    loss(s.memory->unroll(s.state, s.inputs, kLearning)).backward();
    return any_of_spans(touched_parameters(s));
  };
  EXPECT_TRUE(touches([](const Unrolled& u) { return u.features.square().sum(); }));
  EXPECT_TRUE(touches([](const Unrolled& u) { return u.layers[0].need + u.layers[1].need; }));
  Simulation s = mid_way("both");
  const Unrolled u = s.memory->unroll(s.state, s.inputs, kLearning);
  (u.layers[0].need + u.layers[1].need + u.layers[0].born.mean() + u.layers[1].born.mean()).backward();
  EXPECT_EQ(touched_parameters(s), kSpanParameters) << "need and price teach the spans alone";
}

/// The whole unroll, cached slots included, against central differences in the span parameters.
TEST(Learners, GradientOfTheUnrollEqualsFiniteDifferences) {
  for (double ramp : {3.0, 0.0}) {
    Simulation s = mid_way("gradient", ramp);
    const auto loss = [&] {
      return s.memory->unroll(s.state, s.inputs, kLearning).features.square().mul(s.features).sum();
    };
    loss().backward();
    for (const std::string name :
         {"layer0.rule.weight", "layer1.rule.bias", "layer0.project", "layer1.position", "layer0.norm_weight"}) {
      Tensor parameter = s.memory->named_parameters()[name];
      const Tensor direction = s.draws.tensor(parameter.sizes());
      const double slope = (parameter.grad() * direction).sum().item<double>(), step = 1e-6;
      torch::NoGradGuard no_gradients;
      parameter.add_(direction, step);
      const double above = loss().item<double>();
      parameter.sub_(direction, 2 * step);
      const double below = loss().item<double>();
      parameter.add_(direction, step);
      EXPECT_NEAR(slope, (above - below) / (2 * step), 1e-5 * (1 + std::abs(slope))) << name << ", ramp " << ramp;
    }
  }
}

TEST(Learners, WithoutLearningSpansNothingReachesThem) {
  for (const char* learn : {"usage", "gradient", "both"}) {
    Simulation s = mid_way(learn);
    const Unrolled u = s.memory->unroll(s.state, s.inputs, {});
    Tensor loss = u.features.square().sum();
    for (const LayerLosses& layer : u.layers) {
      EXPECT_FALSE(layer.born.requires_grad());
      loss = loss + layer.charge;
      if (layer.need.defined()) loss = loss + layer.need;
    }
    loss.backward();
    EXPECT_FALSE(any_of_spans(touched_parameters(s))) << learn;
  }
}

TEST(SpanDropout, HidesOldSlotsInTheUnrollAlone) {
  Simulation s = mid_way("usage");
  const std::vector<double> before = fingerprint(s.state);
  const auto features = [&](std::int32_t greatest_age) {
    return s.memory->unroll(s.state, s.inputs, {false, greatest_age}).features;
  };
  EXPECT_LE(difference(features(kNever), s.features), 1e-10);
  EXPECT_LE(difference(features(1000), s.features), 1e-10);
  EXPECT_GT(difference(features(2), s.features), 1e-3);
  Plan nothing = s.plan;
  nothing.memory.kind = "none";
  auto forgetful = random_memory(nothing, 1051);
  torch::NoGradGuard no_gradients;
  for (auto& parameter : forgetful->named_parameters())
    parameter.value().copy_(s.memory->named_parameters()[parameter.key()]);
  MemoryState state = forgetful->begin(3, 9);
  for (int t = 0; t < 9; ++t) {
    EXPECT_LE(difference(features(0).select(1, t), forgetful->step(state, s.inputs.select(1, t))), 1e-10);
  }
  EXPECT_EQ(fingerprint(s.state), before);
}

}  // namespace
}  // namespace wane
