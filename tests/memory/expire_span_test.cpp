// The forms of a span: where they start, what bounds them, that they can always learn.

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "configs/error.h"
#include "draws.h"
#include "memory/retention.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr int kMaxSpan = 1000;

std::shared_ptr<Retention> rule_of(const MemorySettings& memory, const ExpireSpanSettings& spans) {
  Settings settings;
  settings.memory = memory;
  settings.expire_span = spans;
  return make_retention(settings);
}

struct Form {
  const char* name;
  ExpireSpanSettings settings;
  double first;    // steps
  double divisor;  // of w . n + b
};

class SpanForm : public testing::TestWithParam<Form> {
 protected:
  SpanForm() : rule(rule_of(memory_settings(), GetParam().settings)) { rule->to(torch::kFloat64); }

  static MemorySettings memory_settings() {
    MemorySettings memory;
    memory.width = 6;
    memory.max_span = kMaxSpan;
    return memory;
  }
  Tensor weight() const { return rule->named_parameters()["weight"]; }

  std::shared_ptr<Retention> rule;
  Draws draws{1};
};

std::vector<Form> forms() {
  ExpireSpanSettings log, sigmoid, divided;
  log.first_span = 300;
  sigmoid.form = divided.form = "sigmoid";
  sigmoid.first_share = divided.first_share = 0.1;
  sigmoid.ramp = divided.ramp = 16;
  divided.divide_by_ramp = true;
  return {{"log", log, 300, 1}, {"sigmoid", sigmoid, 0.1 * kMaxSpan, 1}, {"divided", divided, 0.1 * kMaxSpan, 16}};
}

INSTANTIATE_TEST_SUITE_P(Forms, SpanForm, testing::ValuesIn(forms()), [](const auto& test) { return test.param.name; });

TEST_P(SpanForm, StartsAtTheSameSpanForEverySlot) {
  const Tensor spans = rule->log_spans(draws.tensor({50, 6}, -3, 3)).exp();
  EXPECT_LE(difference(spans, torch::full({50}, GetParam().first)), 1e-7);
}

TEST_P(SpanForm, NeverExceedsTheMaximum) {
  torch::NoGradGuard no_gradients;
  weight().copy_(draws.tensor({6}, -400, 400));
  const Tensor spans = rule->log_spans(draws.tensor({500, 6}, -3, 3)).exp();
  EXPECT_TRUE(torch::isfinite(spans).all().item<bool>());
  EXPECT_LE(spans.max().item<double>(), kMaxSpan * (1 + 1e-12));
  EXPECT_GE(spans.min().item<double>(), 0);
  EXPECT_GT(spans.max().item<double>(), 0.99 * kMaxSpan);
}

TEST_P(SpanForm, GrowsWithTheWeightedInputAndLearnsFromEverySpan) {
  Tensor n = torch::zeros({40, 6}, torch::kFloat64);
  n.select(1, 2).copy_(torch::linspace(-6, 2, 40, torch::kFloat64));
  n.requires_grad_();
  {
    torch::NoGradGuard no_gradients;
    weight()[2] = GetParam().divisor;
  }
  const Tensor u = rule->log_spans(n);
  EXPECT_GT((u.slice(0, 1) - u.slice(0, 0, 39)).min().item<double>(), 0);
  u.sum().backward();
  EXPECT_GT(n.grad().select(1, 2).min().item<double>(), 1e-5);
  EXPECT_NE(weight().grad()[2].item<double>(), 0);
}

TEST_P(SpanForm, EqualsItsFormula) {
  const double L = kMaxSpan, b = rule->named_parameters()["bias"].item<double>();
  torch::NoGradGuard no_gradients;
  weight().copy_(draws.tensor({6}, -2, 2));
  const Tensor n = draws.tensor({30, 6}), u = rule->log_spans(n);
  for (int i = 0; i < 30; ++i) {
    const double z = torch::dot(n[i], weight()).item<double>() + b;
    const double softplus = std::log1p(std::exp(4 * (std::log(L) - z)));
    const double expected = GetParam().settings.form == std::string("log")
                                ? std::exp(std::log(L) - softplus / 4)
                                : L / (1 + std::exp(-z / GetParam().divisor));
    EXPECT_NEAR(u[i].exp().item<double>(), expected, 1e-9 * L);
  }
}

std::shared_ptr<Retention> keeping_at_top(bool keep, double top = 0.9) {
  MemorySettings memory;
  memory.max_span = kMaxSpan;
  ExpireSpanSettings settings;
  settings.keep_at_top = keep;
  settings.top = top;
  return rule_of(memory, settings);
}

TEST(KeepAtTop, StaysFromNineTenthsOfTheMaximumOn) {
  EXPECT_TRUE(keeping_at_top(true)->lifetime().stays(900));
  EXPECT_TRUE(keeping_at_top(true)->lifetime().stays(1000));
  EXPECT_FALSE(keeping_at_top(true)->lifetime().stays(899.9));
  EXPECT_FALSE(keeping_at_top(false)->lifetime().stays(1000));
}

TEST(KeepAtTop, TheTopMayBeginLower) {
  EXPECT_TRUE(keeping_at_top(true, 0.5)->lifetime().stays(500));
  EXPECT_FALSE(keeping_at_top(true, 0.5)->lifetime().stays(499.9));
  EXPECT_FALSE(keeping_at_top(false, 0.5)->lifetime().stays(1000));
}

TEST(KeepAtTop, ChangesNothingOfTheAgeOfDeath) {
  EXPECT_EQ(keeping_at_top(true)->lifetime().death_age(950), keeping_at_top(false)->lifetime().death_age(950));
}

TEST(Retention, NothingIsDividedByAProportionalRamp) {
  ExpireSpanSettings settings;
  settings.form = "sigmoid";
  settings.divide_by_ramp = true;
  EXPECT_THROW(rule_of({}, settings), Error);
}

TEST(Retention, RulesWithoutSpans) {
  MemorySettings memory;
  memory.max_span = 7;
  memory.kind = "transformer_xl";
  EXPECT_EQ(rule_of(memory, {})->lifetime().death_age(0), 7);
  EXPECT_FALSE(rule_of(memory, {})->log_spans(torch::zeros({1, memory.width})).defined());
  memory.kind = "none";
  EXPECT_EQ(rule_of(memory, {})->lifetime().death_age(0), 1);
}

TEST(Retention, UnknownNameIsAnError) {
  MemorySettings memory;
  memory.kind = "forever";
  EXPECT_THROW(rule_of(memory, {}), Error);
}

}  // namespace
}  // namespace wane
