// The gate, the price and the restoring pull: when each acts, and which way it moves the spans.

#include "agents/forgetting.h"

#include <torch/types.h>

#include <cmath>

#include "tiny.h"

namespace wane {
namespace {

std::vector<Batch::Episode> episodes(int number, int size, float success) {
  return std::vector<Batch::Episode>(number, Batch::Episode{0, 0, size, size, success, 0});
}

/// A layer's losses over spans `born` that can learn.
struct Spans {
  torch::Tensor log_span = torch::log(torch::tensor({8.0f, 100.0f, 1.0f})).requires_grad_();
  double asked = -100;  // ln of the span that is needed
  double charge_per_step = 0;

  std::vector<LayerLosses> layers(int number = 1) const {
    return std::vector<LayerLosses>(
        number, {log_span, (asked - log_span).clamp_min(0).sum(), charge_per_step * log_span.exp().sum()});
  }
  /// The direction in which a step down the loss moves each span; zeros where there is no loss.
  torch::Tensor push(const Forgetting& forgetting) {
    const torch::Tensor loss = forgetting.loss(layers());
    if (!loss.defined() || !loss.requires_grad()) return torch::zeros({3});
    log_span.mutable_grad() = torch::Tensor();
    loss.backward();
    return -log_span.grad().sign();
  }
};

torch::Tensor signs(float a, float b, float c) { return torch::tensor({a, b, c}); }

/// Spans of heads pay while success holds, by the mean.
TEST(AdaptiveSpans, PayOnceTheGateIsOpen) {
  const auto loss = [](bool open) {
    Forgetting forgetting({.open_at = 0.9}, {.cost = 0.5});
    if (open) forgetting.observe(episodes(100, 20, 1));
    LayerLosses layer;
    layer.heads = torch::tensor({10.0f, 30.0f});
    return forgetting.loss({layer, layer});
  };
  EXPECT_FALSE(loss(false).defined());
  EXPECT_FLOAT_EQ(loss(true).item<float>(), 2 * 0.5f * 20);
}

TEST(Gate, OpensOnceAtAHundredLongEpisodesThatSucceed) {
  Forgetting forgetting({.open_at = 0.96});
  EXPECT_FALSE(forgetting.open());
  forgetting.observe(episodes(99, 20, 1));
  EXPECT_EQ(forgetting.success(), 0);  // too few to say
  EXPECT_FALSE(forgetting.open());
  forgetting.observe(episodes(1, 20, 1));
  EXPECT_TRUE(forgetting.open());
  forgetting.observe(episodes(100, 20, 0));
  EXPECT_TRUE(forgetting.open());  // once and for all
}

TEST(Gate, LooksAtLongEpisodesOnly) {
  Forgetting forgetting({.open_at = 0.96});
  forgetting.observe(episodes(1, 20, 1));
  forgetting.observe(episodes(500, 14, 1));  // under 3/4 of 20
  EXPECT_EQ(forgetting.success(), 0);
  EXPECT_FALSE(forgetting.open());
  forgetting.observe(episodes(99, 15, 1));  // exactly 3/4
  EXPECT_TRUE(forgetting.open());

  Forgetting other({.open_at = 0.96});
  for (int i = 0; i < 5; ++i) {  // long ones fail, short ones succeed
    other.observe(episodes(30, 20, 0));
    other.observe(episodes(30, 14, 1));
  }
  EXPECT_EQ(other.success(), 0);
  EXPECT_FALSE(other.open());
}

TEST(Gate, JudgesTheLast150OfTheLast800) {
  Forgetting forgetting({.open_at = 0.96});
  forgetting.observe(episodes(150, 20, 0));
  forgetting.observe(episodes(75, 20, 1));
  EXPECT_NEAR(forgetting.success(), 0.5, 1e-9);
  forgetting.observe(episodes(75, 20, 1));
  EXPECT_NEAR(forgetting.success(), 1, 1e-9);
  forgetting.observe(episodes(30, 20, 0));
  forgetting.observe(episodes(701, 10, 1));  // 99 of the long ones are left in the window: what was known stands
  EXPECT_NEAR(forgetting.success(), 120.0 / 150, 1e-9);
  forgetting.observe(episodes(99, 10, 0));  // none: now these are the long ones
  EXPECT_NEAR(forgetting.success(), (150.0 - 99) / 150, 1e-9);
}

TEST(Gate, StaysOpenAndThePriceStopsBeforeRestoreBegins) {
  Forgetting forgetting({.open_at = 0.96, .restore_at = 0.93});
  Spans spans;
  EXPECT_FALSE(forgetting.loss(spans.layers()).defined());
  forgetting.observe(episodes(150, 20, 1));
  EXPECT_TRUE(forgetting.pricing());
  EXPECT_FALSE(forgetting.restoring());
  forgetting.observe(episodes(8, 20, 0));  // 0.947: neither
  EXPECT_TRUE(forgetting.open());
  EXPECT_FALSE(forgetting.pricing());
  EXPECT_FALSE(forgetting.restoring());
  forgetting.observe(episodes(4, 20, 0));  // 0.92
  EXPECT_FALSE(forgetting.pricing());
  EXPECT_TRUE(forgetting.restoring());
  forgetting.observe(episodes(150, 20, 1));
  EXPECT_TRUE(forgetting.pricing());
  EXPECT_FALSE(forgetting.restoring());
}

TEST(Gate, EpisodesThatGrowAreNoBreakdown) {
  const auto grow = [](Forgetting& forgetting, float success) {
    forgetting.observe(episodes(150, 20, 1));
    forgetting.observe(episodes(99, 40, success));  // the only long ones now, and too few
  };
  Forgetting grows({.open_at = 0.96, .restore_at = 0.93});
  grow(grows, 1);
  EXPECT_TRUE(grows.pricing());
  EXPECT_FALSE(grows.restoring());

  Forgetting fails({.open_at = 0.96, .restore_at = 0.93});
  grow(fails, 0);
  EXPECT_TRUE(fails.pricing());
  Forgetting resumed({.open_at = 0.96, .restore_at = 0.93});
  pass_on(fails, resumed);
  for (Forgetting* one : {&fails, &resumed}) {
    EXPECT_TRUE(one->pricing());
    one->observe(episodes(1, 40, 0));  // enough of them
    EXPECT_FALSE(one->pricing());
    EXPECT_TRUE(one->restoring());
  }
}

/// One episode of eighty is nearly as long as the longest.
TEST(Gate, OpensWhereFewEpisodesAreLong) {
  const auto rounds = [](Forgetting& forgetting, int number, float medium) {
    for (int i = 0; i < number; ++i) {
      forgetting.observe(episodes(1, 100, 1));
      forgetting.observe(episodes(20, 40, medium));
      forgetting.observe(episodes(59, 10, 0));  // easy to hold, and no sign of anything
    }
  };
  Forgetting forgetting({.open_at = 0.96});
  rounds(forgetting, 9, 1);
  EXPECT_FALSE(forgetting.open());  // they may have just become longer
  Forgetting resumed({.open_at = 0.96});
  pass_on(forgetting, resumed);
  for (Forgetting* one : {&forgetting, &resumed}) {
    rounds(*one, 1, 1);
    EXPECT_TRUE(one->open());
    rounds(*one, 10, 0);
    EXPECT_LT(one->success(), 0.1);
  }

  Forgetting fails({.open_at = 0.96});
  rounds(fails, 20, 0);
  EXPECT_FALSE(fails.open());
}

TEST(Gate, OffIsOpenAndPricingFromTheStart) {
  Forgetting forgetting({.gate = false});
  EXPECT_TRUE(forgetting.open());
  EXPECT_TRUE(forgetting.pricing());
  forgetting.observe(episodes(150, 20, 0));
  EXPECT_TRUE(forgetting.pricing());
  EXPECT_FALSE(forgetting.restoring());
}

TEST(SpanLoss, ThePriceShortensSpansOverTheLeast) {
  Forgetting forgetting({.cost = 0.5, .least_span = 2});
  forgetting.observe(episodes(150, 20, 1));
  Spans spans;
  EXPECT_TRUE(same(spans.push(forgetting), signs(-1, -1, 0)));
  EXPECT_NEAR(forgetting.loss(spans.layers()).item<double>(), 0.5 * (std::log(4.0) + std::log(50.0)) / 3, 1e-5);
  EXPECT_NEAR(forgetting.loss(spans.layers(2)).item<double>(), (std::log(4.0) + std::log(50.0)) / 3, 1e-5);
}

TEST(SpanLoss, RestoreLengthensSpansUnderTheFirst) {
  Forgetting forgetting({.first_span = 50, .restore = 0.3});
  forgetting.observe(episodes(150, 20, 1));
  forgetting.observe(episodes(150, 20, 0));
  Spans spans;
  EXPECT_TRUE(same(spans.push(forgetting), signs(1, 0, 1)));
  EXPECT_NEAR(forgetting.loss(spans.layers()).item<double>(), 0.3 * (std::log(50 / 8.0) + std::log(50.0)) / 3, 1e-5);
}

TEST(SpanLoss, NeedIsTaughtFromTheOpeningOn) {
  Forgetting forgetting({.cost = 0, .restore = 0});
  Spans spans;
  spans.asked = std::log(20);
  EXPECT_TRUE(same(spans.push(forgetting), signs(0, 0, 0)));
  forgetting.observe(episodes(150, 20, 1));
  EXPECT_TRUE(same(spans.push(forgetting), signs(1, 0, 1)));
  forgetting.observe(episodes(150, 20, 0));
  EXPECT_TRUE(same(spans.push(forgetting), signs(1, 0, 1)));  // in a breakdown, too
}

TEST(SpanLoss, GradientTakesThePapersChargeAndNoNeed) {
  Forgetting forgetting({.learn = "gradient", .alpha = 0.25});
  Spans spans;
  spans.charge_per_step = 1;
  spans.asked = 50;
  forgetting.observe(episodes(150, 20, 1));
  EXPECT_NEAR(forgetting.loss(spans.layers()).item<double>(), 0.25 * 109, 1e-4);
  EXPECT_TRUE(same(spans.push(forgetting), signs(-1, -1, -1)));
}

TEST(SpanLoss, BothTakesNeedPriceAndCharge) {
  const auto loss = [](const char* learn) {
    Forgetting forgetting({.learn = learn, .alpha = 0.25});
    Spans spans;
    spans.charge_per_step = 1;
    spans.asked = 50;
    forgetting.observe(episodes(150, 20, 1));
    return forgetting.loss(spans.layers()).item<double>();
  };
  EXPECT_GT(loss("usage"), 0);
  EXPECT_NEAR(loss("both"), loss("usage") + loss("gradient"), 1e-4);
}

TEST(SpanLoss, LookingBackCostsEachLayerForThoseAbove) {
  Forgetting forgetting({.cost = 0, .reach_cost = 0.25, .restore = 0}), free({.cost = 0, .restore = 0});
  Spans spans;
  const auto paid = [&](int count) {
    std::vector<LayerLosses> layers = spans.layers(count);
    for (int l = 0; l < count; ++l) layers[l].reach = torch::full({}, 3.0 + l);
    const torch::Tensor with = forgetting.loss(layers), without = free.loss(layers);
    if (!with.defined()) return 0.0;
    return with.item<double>() - (without.defined() ? without.item<double>() : 0);
  };
  const auto observe = [&](float success) {
    for (Forgetting* one : {&forgetting, &free}) one->observe(episodes(150, 20, success));
  };
  const double due = 0.25 * (2 * 3.0 + 1 * 4.0 + 0 * 5.0);
  EXPECT_NEAR(paid(3), due, 1e-4) << "before the gate opens";
  EXPECT_EQ(paid(1), 0) << "one layer alone looks back for nothing";
  observe(1);
  EXPECT_NEAR(paid(3), due, 1e-4);
  EXPECT_NEAR(paid(1), 0, 1e-6);
  observe(0);
  EXPECT_NEAR(paid(3), due, 1e-4) << "in a breakdown";
}

TEST(SpanLoss, IsNoneForMemoriesWithoutSpans) {
  Forgetting forgetting({.gate = false});
  EXPECT_FALSE(forgetting.loss({LayerLosses{}, LayerLosses{}}).defined());
}

}  // namespace
}  // namespace wane
