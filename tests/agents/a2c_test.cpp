// PPO's loss by hand, and what a second pass does.

#include "agents/a2c.h"

#include <torch/types.h>

#include "tiny.h"

namespace wane {
namespace {

using torch::Tensor;

/// Ratios 1, 1.5 and 0.5 with clip 0.2, of good and of bad actions: what is already changed in the right direction by
/// more than the clip moves no further.
TEST(PolicyLoss, ByHand) {
  const Tensor ratio = torch::tensor({{1.0, 1.5, 0.5}, {1.0, 1.5, 0.5}}, torch::kFloat64);
  const Tensor behaved = torch::full({2, 3}, -0.7, torch::kFloat64);
  const Tensor taken = (behaved + ratio.log()).requires_grad_();
  const Tensor advantage = torch::tensor({{2.0, 2.0, 2.0}, {-2.0, -2.0, -2.0}}, torch::kFloat64);
  const Tensor loss = policy_loss(taken, behaved, advantage, 0.2);
  EXPECT_NEAR(loss.item<double>(), -(2 * (1 + 1.2 + 0.5) - 2 * (1 + 1.5 + 0.8)) / 6, 1e-12);
  loss.backward();
  const Tensor expected = torch::tensor({{-2.0, 0.0, -1.0}, {2.0, 3.0, 0.0}}, torch::kFloat64) / 6;
  EXPECT_LE((taken.grad() - expected).abs().max().item<double>(), 1e-12);
}

TEST(PolicyLoss, HasA2csGradientWhereNothingHasChangedYet) {
  const Tensor taken = torch::rand({3, 4}, torch::kFloat64).requires_grad_(), advantage = torch::rand({3, 4}) - 0.5;
  policy_loss(taken, taken.detach(), advantage, 0.2).backward();
  EXPECT_LE((taken.grad() + advantage / 12).abs().max().item<double>(), 1e-7);
}

/// The weights after one update of the same block.
std::vector<std::pair<std::string, Tensor>> after(const std::vector<std::string>& overrides) {
  Training run(tiny(overrides));
  run.collect();
  run.update();
  return weights(*run.agent);
}

double apart(const std::vector<std::pair<std::string, Tensor>>& a,
             const std::vector<std::pair<std::string, Tensor>>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, (a[i].second - b[i].second).abs().max().item<double>());
  return most;
}

TEST(Epochs, MovePolicyFurtherUntilTheClip) {
  const std::vector<std::string> bare = {"a2c.value_cost=0", "a2c.entropy=0", "a2c.entropy_end=0",
                                         "optimiser.kind=rmsprop", "optimiser.learning_rate=0.001"};
  const auto with = [&](std::initializer_list<const char*> more) {
    std::vector<std::string> all = bare;
    all.insert(all.end(), more.begin(), more.end());
    return after(all);
  };
  const auto one = with({}), three = with({"a2c.epochs=3", "a2c.ratio_clip=10"});
  EXPECT_GT(apart(one, three), 1e-4);
  EXPECT_EQ(apart(with({"a2c.epochs=3"}), with({"a2c.epochs=3"})), 0) << "the same every time";
  const auto clipped = with({"a2c.epochs=3", "a2c.ratio_clip=0.0001"});
  EXPECT_GT(apart(three, clipped), 1e-5);
}

}  // namespace
}  // namespace wane
