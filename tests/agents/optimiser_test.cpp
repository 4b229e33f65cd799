// Steps of Adam and RMSProp against arithmetic by hand, their two groups, and the schedules.

#include "agents/optimiser.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tiny.h"

namespace wane {
namespace {

using Doubles = std::vector<double>;

Doubles doubles(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kFloat64).contiguous().view({-1});
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

struct Learner {
  explicit Learner(const std::vector<std::string>& overrides)
      : acting(tiny(overrides)), optimiser(acting.agent, acting.settings.optimiser, acting.settings.a2c.clip) {
    for (const auto& span : acting.agent.memory().span_parameters()) {
      for (const auto& item : acting.agent.named_parameters()) {
        if (item.value().is_same(span)) spans.push_back(item.key());
      }
    }
  }
  bool decides_spans(const std::string& name) const { return std::count(spans.begin(), spans.end(), name) > 0; }

  /// The loss whose gradient at every parameter is `gradient` plus 0.001 times the element's index.
  torch::Tensor loss(double gradient) const {
    torch::Tensor sum = torch::zeros({});
    for (const auto& p : acting.agent.parameters()) sum = sum + (p * slope(p, gradient)).sum();
    return sum;
  }
  static torch::Tensor slope(const torch::Tensor& p, double gradient) {
    return (gradient + 0.001 * torch::arange(p.numel(), torch::kFloat64)).view(p.sizes()).to(torch::kFloat32);
  }

  Acting acting;
  Optimiser optimiser;
  std::vector<std::string> spans;
};

/// One parameter's element under an optimiser, by the book (Kingma & Ba 2015; Hinton's RMSProp as PyTorch writes it).
struct ByHand {
  double m = 0, v = 0;
  int steps = 0;
  double step(const OptimiserSettings& s, double p, double g, double rate) {
    ++steps;
    if (s.kind == "rmsprop") {
      v = s.decay * v + (1 - s.decay) * g * g;
      return p - rate * g / (std::sqrt(v) + s.epsilon);
    }
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    return p - rate * (m / (1 - std::pow(0.9, steps))) / (std::sqrt(v / (1 - std::pow(0.999, steps))) + s.epsilon);
  }
};

void follow_by_hand(const std::string& kind) {
  Learner learner({"optimiser.kind=" + kind, "optimiser.learning_rate=0.01", "optimiser.span_learning_rate=0.3",
                   "a2c.clip=2", "optimiser.span_clip=0.5", "optimiser.epsilon=0.001", "optimiser.decay=0.9"});
  const Settings& settings = learner.acting.settings;
  std::map<std::string, std::vector<ByHand>> hand;
  const double gradients[] = {0.7, -0.2, 0.4}, shares[] = {1, 0.5, 0.25};
  for (int i = 0; i < 3; ++i) {
    double norms[2] = {0, 0};
    for (const auto& item : learner.acting.agent.named_parameters()) {
      for (const double g : doubles(Learner::slope(item.value(), gradients[i])))
        norms[learner.decides_spans(item.key())] += g * g;
    }
    for (double& norm : norms) norm = std::sqrt(norm);
    const auto before = weights(learner.acting.agent);
    const auto got = learner.optimiser.step(learner.loss(gradients[i]), shares[i]);
    EXPECT_NEAR(got.all / norms[0], 1, 1e-4);
    EXPECT_NEAR(got.spans / norms[1], 1, 1e-4);
    const auto after = weights(learner.acting.agent);
    for (std::size_t n = 0; n < before.size(); ++n) {
      const auto& [name, value] = before[n];
      const bool spans = learner.decides_spans(name);
      const double clip = std::min(1.0, (spans ? settings.optimiser.span_clip : settings.a2c.clip) / norms[spans]);
      const double rate =
          (spans ? settings.optimiser.span_learning_rate : settings.optimiser.learning_rate) * shares[i];
      const Doubles p = doubles(value), g = doubles(Learner::slope(value, gradients[i])),
                    now = doubles(after[n].second);
      hand[name].resize(p.size());
      double worst = 0;
      for (std::size_t k = 0; k < p.size(); ++k) {
        worst = std::max(worst, std::abs(hand[name][k].step(settings.optimiser, p[k], clip * g[k], rate) - now[k]));
      }
      EXPECT_LT(worst, 2e-3 * rate + 1e-6) << name << ", step " << i;
    }
  }
}

TEST(Optimiser, AdamStepsAsByHand) { follow_by_hand("adam"); }
TEST(Optimiser, RmspropStepsAsByHand) { follow_by_hand("rmsprop"); }

TEST(Optimiser, SpanParametersAreTheSpansAndNothingElse) {
  const Learner learner({"memory.layers=2"});
  EXPECT_EQ(learner.spans, (std::vector<std::string>{"memory.layer0.rule.weight", "memory.layer0.rule.bias",
                                                     "memory.layer1.rule.weight", "memory.layer1.rule.bias"}));
}

TEST(Optimiser, RatesOfZeroHoldOneGroupAndNotTheOther) {
  for (const bool hold_spans : {true, false}) {
    Learner learner({hold_spans ? "optimiser.span_learning_rate=0" : "optimiser.learning_rate=0"});
    const auto before = weights(learner.acting.agent);
    learner.optimiser.step(learner.loss(0.5), 1);
    const auto after = weights(learner.acting.agent);
    for (std::size_t n = 0; n < before.size(); ++n) {
      const bool moved = !same(before[n].second, after[n].second);
      EXPECT_EQ(moved, learner.decides_spans(before[n].first) != hold_spans) << before[n].first;
    }
  }
}

TEST(Optimiser, ClipOfZeroClipsNothing) {
  Learner clipped({"optimiser.kind=rmsprop", "optimiser.epsilon=1", "a2c.clip=0.001"});
  Learner free({"optimiser.kind=rmsprop", "optimiser.epsilon=1", "a2c.clip=0"});
  const auto before = weights(free.acting.agent);
  clipped.optimiser.step(clipped.loss(0.5), 1);
  free.optimiser.step(free.loss(0.5), 1);
  const double slow = (weights(clipped.acting.agent)[0].second - before[0].second).abs().max().item<double>();
  const double fast = (weights(free.acting.agent)[0].second - before[0].second).abs().max().item<double>();
  EXPECT_GT(fast, 100 * slow);
}

TEST(Optimiser, MemoriesWithoutSpansHaveOneGroup) {
  Learner learner({"memory.kind=transformer_xl"});
  EXPECT_TRUE(learner.spans.empty());
  EXPECT_EQ(learner.optimiser.step(learner.loss(0.5), 1).spans, 0);
}

Settings scheduled() {
  return tiny({"a2c.entropy=0.1", "a2c.entropy_end=0.02", "a2c.entropy_frames=1000", "optimiser.end_share=0.2",
               "optimiser.fall_frames=4000", "a2c.log_barrier=0.01"});
}

TEST(Schedule, EntropyAndRatesFallOverHorizonsOfTheirOwn) {
  const Settings settings = scheduled();
  EXPECT_DOUBLE_EQ(schedule(settings, 0, -1).entropy, 0.1);
  EXPECT_DOUBLE_EQ(schedule(settings, 500, -1).entropy, 0.06);
  EXPECT_DOUBLE_EQ(schedule(settings, 1000, -1).entropy, 0.02);
  EXPECT_DOUBLE_EQ(schedule(settings, 9000, -1).entropy, 0.02);
  EXPECT_DOUBLE_EQ(schedule(settings, 0, 0).rate_share, 1);
  EXPECT_DOUBLE_EQ(schedule(settings, 1000, 0).rate_share, 0.8);
  EXPECT_DOUBLE_EQ(schedule(settings, 4000, 0).rate_share, 0.2);
  EXPECT_DOUBLE_EQ(schedule(settings, 90'000, 0).rate_share, 0.2);
}

TEST(Schedule, RatesStayUntilTheyBeginToFall) {
  const Settings settings = scheduled();
  EXPECT_DOUBLE_EQ(schedule(settings, 90'000, -1).rate_share, 1);
  EXPECT_DOUBLE_EQ(schedule(settings, 90'000, 90'000).rate_share, 1);
  EXPECT_DOUBLE_EQ(schedule(settings, 92'000, 90'000).rate_share, 0.6);
  EXPECT_DOUBLE_EQ(schedule(settings, 94'000, 90'000).rate_share, 0.2);
  EXPECT_DOUBLE_EQ(schedule(settings, 92'000, 90'000).entropy, 0.02);
}

TEST(Schedule, TheBarrierFallsWithTheRates) {
  const Settings settings = scheduled();
  EXPECT_DOUBLE_EQ(schedule(settings, 90'000, -1).log_barrier, 0.01);
  EXPECT_DOUBLE_EQ(schedule(settings, 90'000, 90'000).log_barrier, 0.01);
  EXPECT_DOUBLE_EQ(schedule(settings, 92'000, 90'000).log_barrier, 0.006);
  EXPECT_DOUBLE_EQ(schedule(settings, 99'000, 90'000).log_barrier, 0.002);
}

TEST(Schedule, AGateThatIsOffWasOpenFromTheStart) {
  const Training closed(tiny({"optimiser.fall_from=gate"})),
      off(tiny({"optimiser.fall_from=gate", "expire_span.gate=false"}));
  EXPECT_EQ(closed.falls_since, -1);
  EXPECT_EQ(off.falls_since, 0);
}

}  // namespace
}  // namespace wane
