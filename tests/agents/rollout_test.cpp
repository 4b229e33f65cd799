// Advantages against their definition, and the choice of an action.

#include <torch/types.h>

#include <array>
#include <cmath>
#include <numeric>

#include "agents/acting.h"
#include "envs/rng.h"
#include "tiny.h"

namespace wane {
namespace {

/// Random rewards, values and ends; next_values only where they are meaningful, NaN elsewhere: nobody may read them.
Rollout made_up(int envs, int steps, std::uint64_t seed) {
  Rollout rollout({}, envs, steps);
  Rng rng(seed, Purpose::test);
  const auto number = [&] { return static_cast<float>(2 * rng.uniform01() - 1); };
  for (std::size_t i = 0; i < rollout.rewards.size(); ++i) {
    rollout.rewards[i] = number();
    rollout.values[i] = number();
    const int end = rng.uniform(5);
    rollout.terminated[i] = end == 0;
    rollout.truncated[i] = end == 1;
    const bool last = i % steps == std::size_t(steps) - 1;
    rollout.next_values[i] = !rollout.terminated[i] && (rollout.truncated[i] || last) ? number() : std::nanf("");
    if (rollout.terminated[i]) rollout.next_values[i] = 0;
  }
  return rollout;
}

/// The mixture of n-step returns, minus the value: GAE's definition (Schulman et al. 2016, eq. 16), step by step.
double by_definition(const Rollout& r, int b, int t, double gamma, double lambda) {
  const auto at = [&](int step) { return std::size_t(b) * r.steps + step; };
  int last = t;  // the last step of the episode, or of the block
  while (!r.terminated[at(last)] && !r.truncated[at(last)] && last + 1 < r.steps) ++last;
  double mixture = 0;
  for (int n = 1; n <= last - t + 1; ++n) {
    double n_step = 0;
    for (int k = 0; k < n; ++k) n_step += std::pow(gamma, k) * r.rewards[at(t + k)];
    const int end = t + n - 1;
    const double successor =
        end < last ? r.values[at(end + 1)] : (r.terminated[at(end)] ? 0 : double(r.next_values[at(end)]));
    n_step += std::pow(gamma, n) * successor;
    mixture += (end < last ? (1 - lambda) : 1) * std::pow(lambda, n - 1) * n_step;
  }
  return mixture - r.values[at(t)];
}

TEST(Advantages, AreTheMixtureOfNStepReturns) {
  for (const auto& [gamma, lambda] : {std::pair{0.99, 0.95}, {0.9, 0.5}, {1.0, 1.0}, {0.7, 0.0}}) {
    const Rollout rollout = made_up(4, 17, 3);
    const std::vector<float> got = advantages(rollout, gamma, lambda);
    for (int b = 0; b < rollout.envs; ++b) {
      for (int t = 0; t < rollout.steps; ++t) {
        EXPECT_NEAR(got[std::size_t(b) * rollout.steps + t], by_definition(rollout, b, t, gamma, lambda), 1e-5)
            << "gamma " << gamma << ", lambda " << lambda << ", environment " << b << ", step " << t;
      }
    }
  }
}

TEST(Advantages, TruncationLooksAheadAndTerminationDoesNot) {
  Rollout rollout({}, 1, 2);
  rollout.rewards = {1, 1};
  rollout.values = {0.5, 0.25};
  rollout.next_values = {8, 4};
  rollout.truncated = {1, 0};
  EXPECT_EQ(advantages(rollout, 0.5, 1), (std::vector<float>{1 + 0.5f * 8 - 0.5f, 1 + 0.5f * 4 - 0.25f}));
  rollout.truncated = {0, 0};
  rollout.terminated = {1, 1};
  rollout.next_values = {0, 0};
  EXPECT_EQ(advantages(rollout, 0.5, 1), (std::vector<float>{0.5, 0.75}));
}

TEST(SampleAction, FollowsTheSoftmax) {
  const std::array<float, 4> logits{0.3f, -1.2f, 2, 0};
  std::array<double, 4> chances{}, seen{};
  double total = 0;
  for (const float logit : logits) total += std::exp(logit);
  for (int a = 0; a < 4; ++a) chances[a] = std::exp(logits[a]) / total;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) seen[sample_action(logits, (i + 0.5) / kDraws)] += 1.0 / kDraws;
  for (int a = 0; a < 4; ++a) EXPECT_NEAR(seen[a], chances[a], 2.0 / kDraws) << "action " << a;
}

TEST(SampleAction, KnowsOnlyDifferencesOfLogitsAndSurvivesGreatOnes) {
  const double u = 0.37;
  const std::array<float, 3> logits{0.5f, 0.25f, -1}, raised{1000.5f, 1000.25f, 999}, certain{-1e30f, 1e30f, -1e30f};
  EXPECT_EQ(sample_action(logits, u), sample_action(raised, u));
  for (const double any : {0.0, 0.5, 1 - 0x1p-53}) EXPECT_EQ(sample_action(certain, any), 1);
  const std::array<float, 2> never_the_last{0, -1e30f};
  EXPECT_EQ(sample_action(never_the_last, 1 - 0x1p-53), 0);
  EXPECT_EQ(sample_action(std::array<float, 3>{0, 0, 0}, 0), 0);
  EXPECT_EQ(sample_action(std::array<float, 3>{0, 0, 0}, 1 - 0x1p-53), 2);
}

TEST(GreedyAction, IsTheLikeliestAndTheFirstOfEquals) {
  EXPECT_EQ(greedy_action(std::array<float, 3>{-1, 3, 2}), 1);
  EXPECT_EQ(greedy_action(std::array<float, 3>{-1, 2, 2}), 1);
  EXPECT_EQ(greedy_action(std::array<float, 1>{-5}), 0);
}

TEST(NoteSlips, IsAnActionMuchLessLikelyThanTheLikeliest) {
  const torch::Tensor logits = torch::tensor({{0.f, 3.f}, {0.f, 3.f}, {0.f, 2.9f}, {7.f, 7.f}, {0.f, 90.f}});
  const std::array<std::int32_t, 5> actions{1, 0, 0, 1, 1};
  std::array<std::uint8_t, 5> slipped{0, 0, 0, 0, 1};
  note_slips(logits, actions, 0.05, slipped);  // exp(-3) = 0.0498, exp(-2.9) = 0.055
  EXPECT_EQ(slipped, (std::array<std::uint8_t, 5>{0, 1, 0, 0, 1})) << "what slipped once stays so";
  std::array<std::uint8_t, 5> none{};
  note_slips(logits, actions, 0, none);
  EXPECT_EQ(none, (std::array<std::uint8_t, 5>{}));
}

}  // namespace
}  // namespace wane
