// What the agent is told, and what it is before it has learned anything.

#include <torch/types.h>
#include <torch/utils.h>

#include "tiny.h"

namespace wane {
namespace {

/// A portal batch of one lane, after choosing `action`; and what is to be sensed of it.
struct Told {
  explicit Told(const std::string& previous)
      : batch(find_world("portal"), {}, 2, 1), senses(Senses::of(batch, {.previous = previous})), memory(2) {}

  void act(std::int32_t action) {
    batch.step(std::vector<std::int32_t>{action, action});
    for (int lane = 0; lane < 2; ++lane) {
      memory.action[lane] = action;
      memory.reward[lane] = batch.rewards()[lane];
    }
  }
  std::vector<std::int64_t> symbols() const {
    const auto seen = sense_alone(senses, batch, memory, 1).symbols;
    return {seen.data_ptr<std::int64_t>(), seen.data_ptr<std::int64_t>() + seen.numel()};
  }
  std::vector<float> numbers() const {
    const auto seen = sense_alone(senses, batch, memory, 1).numbers;
    return {seen.data_ptr<float>(), seen.data_ptr<float>() + seen.numel()};
  }
  std::vector<std::int64_t> cells() const {
    std::vector<std::int64_t> rows;
    for (int i = 0; i < batch.cells(); ++i) rows.push_back(i * batch.codes() + batch.observations()[batch.cells() + i]);
    return rows;
  }

  Batch batch;
  Senses senses;
  Previous memory;
};

TEST(Senses, EveryCellHasRowsOfItsOwn) {
  Told told("none");
  EXPECT_EQ(told.senses.rows(), told.batch.cells() * told.batch.codes());
  EXPECT_EQ(told.symbols(), told.cells());
  told.act(1);
  EXPECT_EQ(told.symbols(), told.cells());
  EXPECT_TRUE(told.numbers().empty());
}

TEST(Senses, ThePreviousActionIsOneMoreSymbol) {
  Told told("action");
  const int first = told.batch.cells() * told.batch.codes();
  EXPECT_EQ(told.senses.rows(), first + told.batch.actions() + 1);
  EXPECT_EQ(told.symbols().back(), first);  // no action yet
  for (const int action : {0, 1}) {
    told.act(action);
    auto expected = told.cells();
    expected.push_back(first + 1 + action);
    EXPECT_EQ(told.symbols(), expected);
    told.batch.reset_done();
  }
  EXPECT_TRUE(told.numbers().empty());
  told.memory.forget(1);
  EXPECT_EQ(told.symbols().back(), first);
}

TEST(Senses, ThePreviousRewardIsOneMoreNumber) {
  Told told("action_reward");
  EXPECT_EQ(told.numbers(), (std::vector<float>{0}));
  told.act(0);
  EXPECT_EQ(told.numbers(), (std::vector<float>{told.batch.rewards()[1]}));
  EXPECT_EQ(told.senses.symbols(), told.batch.cells() + 1);
  told.memory.forget(1);
  EXPECT_EQ(told.numbers(), (std::vector<float>{0}));
}

TEST(Agent, InitialWeightsAreAFunctionOfTheSeed) {
  const Settings settings = tiny({"memory.layers=2", "memory.age_slope=true"});
  const Batch batch(find_world("corridor"), settings.world.values, 1, 1);
  const Senses senses = Senses::of(batch, settings.network);
  const auto a = weights(Agent(settings, senses, 5));
  torch::manual_seed(99);
  torch::rand({7});
  const auto again = weights(Agent(settings, senses, 5)), other = weights(Agent(settings, senses, 6));
  ASSERT_EQ(a.size(), again.size());
  std::vector<std::string> drawn;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first, again[i].first);
    EXPECT_TRUE(same(a[i].second, again[i].second)) << a[i].first;
    if (!same(a[i].second, other[i].second)) drawn.push_back(a[i].first);
  }
  for (const char* name :
       {"symbols", "heads", "memory.layer0.project", "memory.layer1.project", "memory.layer1.down"}) {
    EXPECT_EQ(std::count(drawn.begin(), drawn.end(), name), 1) << name << " is the same for every seed";
  }
}

TEST(Agent, FirstEmbeddingsOfNothingMayBeNothingAndOthersLarger) {
  const auto symbols = [](const std::vector<std::string>& overrides) {
    const Settings settings = tiny(overrides);
    const Batch batch(find_world("portal"), {}, 1, 1);
    const Senses senses = Senses::of(batch, settings.network);
    return Agent(settings, senses, 5).named_parameters()["symbols"].detach();
  };
  const std::string world = "world.name=portal", previous = "network.previous=action";
  const torch::Tensor plain = symbols({world, previous});
  const torch::Tensor set = symbols({world, previous, "network.zero_code=true", "network.embedding_gain=3"});
  const Batch batch(find_world("portal"), {}, 1, 1);
  for (int row = 0; row < plain.size(0); ++row) {
    const bool nothing = row < batch.cells() * batch.codes() && row % batch.codes() == 0;
    EXPECT_TRUE(torch::allclose(set[row], nothing ? torch::zeros_like(plain[row]) : 3 * plain[row])) << row;
  }
}

TEST(Agent, PolicyHeadStartsSmallAndOrthogonal) {
  const Settings settings = tiny();
  const Batch batch(find_world("corridor"), settings.world.values, 1, 1);
  const Agent agent(settings, Senses::of(batch, settings.network), 1);
  const torch::Tensor heads = agent.named_parameters()["heads"].detach().to(torch::kFloat64);
  const torch::Tensor policy = heads.narrow(0, 0, 4), value = heads[4];
  EXPECT_TRUE(torch::allclose(torch::matmul(policy, policy.t()), 1e-4 * torch::eye(4, torch::kFloat64), 1e-5, 1e-9));
  EXPECT_NEAR(value.norm().item<double>(), 1, 1e-5);
}

TEST(Agent, LogitsAreNotNormalised) {
  Acting acting(tiny());
  acting.collect();
  const Replay replay = acting.agent.unroll(acting.memory, acting.rollout.observation, {});
  EXPECT_GT(torch::logsumexp(replay.decision.logits, {-1}).abs().max().item<double>(), 0.1);
  EXPECT_EQ(replay.decision.logits.sizes(), (std::vector<std::int64_t>{8, 8, 4}));
  EXPECT_EQ(replay.decision.value.sizes(), (std::vector<std::int64_t>{8, 8}));
}

}  // namespace
}  // namespace wane
