// What `Training` decides between rollouts: the gate, span dropout, threads, the log's window.

#include "agents/training.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <array>

#include "memory/pool.h"
#include "tiny.h"

namespace wane {
namespace {

void train(Training& run, int updates) {
  for (int i = 0; i < updates; ++i) {
    run.collect();
    run.update();
  }
}

TEST(TrainingGate, StaysShutBelowFullDifficulty) {
  // Episodes enough, and any success opens: only the difficulty is missing.
  Training low(tiny({"curriculum.start=0.5", "curriculum.success=1", "curriculum.episodes=100000",
                     "expire_span.open_at=0", "optimiser.fall_from=gate"}));
  Training full(tiny({"expire_span.open_at=0", "optimiser.fall_from=gate"}));
  train(low, 40);
  train(full, 1);
  EXPECT_GT(low.episodes, 100);
  EXPECT_FALSE(low.forgetting.open());
  EXPECT_EQ(low.falls_since, -1);
  EXPECT_TRUE(full.forgetting.open());
  EXPECT_EQ(full.falls_since, 64);
}

TEST(TrainingGate, OpensBelowItWhereThatIsAsked) {
  const std::vector<std::string> half = {"curriculum.start=0.5", "curriculum.success=1", "curriculum.episodes=100000",
                                         "expire_span.open_at=0"};
  std::vector<std::string> early = half, late = half;
  early.push_back("expire_span.open_from=0.5");
  late.push_back("expire_span.open_from=0.6");
  Training opens(tiny(early)), waits(tiny(late));
  train(opens, 40);
  train(waits, 40);
  EXPECT_TRUE(opens.forgetting.open());
  EXPECT_FALSE(waits.forgetting.open());
}

TEST(TrainingSlips, AreJudgedByNeitherCurriculumNorGate) {
  // Little success would do for both, but every action but the likeliest is a slip, and no episode is without one.
  const auto begun = [](const char* slip) {
    Training run(tiny({"world.length=[6, 6]", "curriculum.start=0.5", "curriculum.success=0", "curriculum.episodes=10",
                       "curriculum.factor=2", "expire_span.open_from=0.5", "expire_span.open_at=0.01", slip}));
    train(run, 300);
    EXPECT_GT(run.episodes, 200);
    return std::pair{run.curriculum.difficulty() > 0.5, run.forgetting.open()};
  };
  EXPECT_EQ(begun("curriculum.slip=1"), (std::pair{false, false}));
  EXPECT_EQ(begun("curriculum.slip=0"), (std::pair{true, true}));
}

TEST(TrainingRates, FallFromTheStartFromFullDifficultyOrFromTheGate) {
  // Half of full difficulty at first, all of it after ten episodes, and then any success opens the gate.
  const auto falls_since = [](const std::string& from, int updates) {
    Training run(tiny({"curriculum.start=0.5", "curriculum.success=0", "curriculum.episodes=10", "curriculum.factor=2",
                       "expire_span.open_at=0", "optimiser.fall_from=" + from}));
    std::int64_t full = -1, gate = -1;
    for (int i = 0; i < updates; ++i) {
      run.collect();
      run.update();
      if (full < 0 && run.curriculum.full()) full = run.frames;
      if (gate < 0 && run.forgetting.open()) gate = run.frames;
    }
    return std::array{run.falls_since, full, gate};
  };
  EXPECT_EQ(falls_since("start", 0)[0], 0);
  EXPECT_EQ(falls_since("start", 60)[0], 0);  // neither difficulty nor gate matters
  EXPECT_EQ(falls_since("full", 0)[0], -1);
  EXPECT_EQ(falls_since("gate", 0)[0], -1);
  const auto from_full = falls_since("full", 60), from_gate = falls_since("gate", 60);
  EXPECT_GT(from_full[1], 0);
  EXPECT_GT(from_full[2], from_full[1]);
  EXPECT_EQ(from_full[0], from_full[1]);
  EXPECT_EQ(from_gate[0], from_gate[2]);
  EXPECT_EQ(Training(tiny({"optimiser.fall_from=full"})).falls_since, 0);  // no curriculum
}

TEST(TrainingGate, SpansStayAsBornWhileItIsShut) {
  Training shut(tiny({"expire_span.open_at=1"})), open(tiny({"expire_span.open_at=0"}));
  train(shut, 10);
  train(open, 10);
  for (const auto& [name, value] : weights(*shut.agent)) {
    if (name.ends_with("rule.weight")) {
      EXPECT_TRUE(same(value, torch::zeros_like(value)));
    }
  }
  bool moved = false;
  for (const auto& [name, value] : weights(*open.agent)) {
    if (name.ends_with("rule.weight")) moved = !same(value, torch::zeros_like(value));
  }
  EXPECT_TRUE(moved);
}

TEST(SpanDropout, HidesFromLearningAndNeverFromActing) {
  const std::vector<std::string> base = {"world.length=[6, 6]", "memory.max_span=12", "expire_span.first_span=11"};
  std::vector<std::string> dropping = base;
  dropping.push_back("expire_span.span_dropout=true");
  Training plain(tiny(base)), drops(tiny(dropping));
  plain.collect();
  drops.collect();
  EXPECT_EQ(plain.rollout.values, drops.rollout.values);
  const UpdateReport a = plain.update(), b = drops.update();
  EXPECT_NE(a.value_loss, b.value_loss);
  EXPECT_EQ(plain.memory.layers[0].live, drops.memory.layers[0].live) << "nothing is deleted because of it";
}

TEST(Update, WithNothingHiddenEqualsTheActing) {
  // The replayed values are the rollout's, so the value loss is that of the advantages.
  Training run(tiny());
  run.collect();
  const std::vector<float> gae = advantages(run.rollout, run.settings.a2c.gamma, run.settings.a2c.gae_lambda);
  double square = 0;
  for (const float advantage : gae) square += double(advantage) * advantage / double(gae.size());
  const UpdateReport report = run.update();
  EXPECT_NEAR(report.value_loss, square, 1e-6);
  EXPECT_NEAR(report.entropy, std::log(4), 1e-2);  // four actions, nothing learned
}

TEST(Update, MovesTowardsWhatPaid) {
  // One update raises the chance of actions of positive advantage, over the block as a whole.
  Training run(tiny({"a2c.entropy=0", "a2c.entropy_end=0", "a2c.value_cost=0"}));
  run.collect();
  const std::vector<float> gae = advantages(run.rollout, run.settings.a2c.gamma, run.settings.a2c.gae_lambda);
  const auto gain = [&] {
    const Replay replay = run.agent->unroll(run.memory, run.rollout.observation, {});
    const torch::Tensor log_pi = torch::log_softmax(replay.decision.logits, -1).detach().contiguous();
    double sum = 0;
    for (std::size_t i = 0; i < gae.size(); ++i)
      sum += gae[i] * log_pi.data_ptr<float>()[i * 4 + run.rollout.actions[i]];
    return sum / double(gae.size());
  };
  const double before = gain();
  const UpdateReport report = wane::update(*run.agent, *run.optimiser, run.memory, run.rollout, run.forgetting,
                                           run.settings.a2c, schedule(run.settings, 0, -1), kNever);
  EXPECT_NEAR(report.policy_loss, -before, 1e-5);
  EXPECT_GT(gain(), before);
}

TEST(Update, TheBarrierBringsBackAnActionThatHasDiedOut) {
  // All but sure of action 0, and nothing to learn from: no reward in the block, a value of 0, no advantage.
  const auto sureness = [](const std::string& bonus) {
    Training run(tiny({"world.length=[200,200]", "world.step_reward=0", "a2c.entropy=0", "a2c.entropy_end=0", bonus}));
    const torch::Tensor heads = run.agent->named_parameters()["heads"],
                        bias = run.agent->named_parameters()["heads_bias"];
    {
      torch::NoGradGuard no_gradients;
      heads.zero_();
      bias[0] = 20;
    }
    run.collect();
    const UpdateReport report = wane::update(*run.agent, *run.optimiser, run.memory, run.rollout, run.forgetting,
                                             run.settings.a2c, schedule(run.settings, 0, -1), kNever);
    EXPECT_EQ(report.policy_loss, 0);
    EXPECT_EQ(report.value_loss, 0);
    return (bias[0] - bias[1]).item<float>();
  };
  EXPECT_NEAR(sureness("a2c.entropy=0.01"), 20, 1e-4);
  EXPECT_LT(sureness("a2c.log_barrier=0.01"), 20 - 1e-3);  // a step of the learning rate on each, 7e-4
}

TEST(Training, CountsFramesEpisodesAndTheLastHundred) {
  Training run(tiny());
  std::size_t finished = 0;
  for (int i = 0; i < 30; ++i) {
    run.collect();
    finished += run.rollout.finished.size();
    run.update();
  }
  EXPECT_EQ(run.frames, 30 * 64);
  EXPECT_EQ(run.episodes, std::int64_t(finished));
  EXPECT_EQ(run.updates, 30);
  EXPECT_EQ(run.recent.size(), 100u);
}

TEST(Witnesses, SeeWhatOthersHaveForgottenAndAreJudgedByNoOne) {
  Training run(tiny({"world.length=[30, 30]", "expire_span.first_span=20", "expire_span.witnesses=0.25",
                     "optimiser.learning_rate=0", "optimiser.span_learning_rate=0"}));
  const int ordinary = run.settings.train.envs * 3 / 4;
  for (auto& parameter : run.agent->named_parameters()) {  // all spans are short
    if (parameter.key().ends_with("rule.bias")) parameter.value().data().fill_(0.5);
  }
  std::int64_t oldest_of_all = 0, oldest_of_witnesses = 0;
  bool finished = false;
  for (int block = 0; block < 60; ++block) {
    run.collect();
    const SlotTable& table = run.memory.layers[0];
    for (int lane = 0; lane < run.settings.train.envs; ++lane) {
      std::int64_t& oldest = lane < ordinary ? oldest_of_all : oldest_of_witnesses;
      for (const std::int32_t row : table.live[lane]) oldest = std::max(oldest, run.memory.now - 1 - table.birth[row]);
    }
    for (const auto& episode : run.rollout.finished) EXPECT_LT(episode.lane, ordinary);
    finished |= !run.rollout.finished.empty();
    run.update();
  }
  EXPECT_TRUE(finished);
  EXPECT_LT(oldest_of_all, 5);
  EXPECT_EQ(oldest_of_witnesses, 19);
  const SlotCounts& counts = run.memory.layers[0].counts;
  EXPECT_EQ(counts.queries, 60. * ordinary * run.settings.train.steps);
  EXPECT_LE(counts.most_live, 5);
  EXPECT_NE(error_of([] { Training(tiny({"expire_span.witnesses=0.5", "train.envs=1"})); }), "");
}

TEST(Training, RunsOnTheThreadsThatAreAskedFor) {
  const int before = pool_threads;
  const Training run(tiny({"train.threads=3"}));
  EXPECT_EQ(pool_threads, 3);
  EXPECT_EQ(at::get_num_threads(), 1);  // LibTorch's operators: what they compute may depend on threads
  const Training by_operators(tiny({"train.threads=3", "memory.compute=reference"}));
  EXPECT_EQ(at::get_num_threads(), 3);
  EXPECT_NE(Training::fingerprint(run.settings).find("3 threads"), std::string::npos);
  at::set_num_threads(1);
  pool_threads = before;
}

TEST(Training, ThreadsChangeNoBit) {
  const int before = pool_threads;
  Folder folder;
  const auto weights_on = [&](const char* threads) {
    Training run(tiny({threads, "train.envs=48", "memory.width=32", "expire_span.open_at=0"}));
    for (int i = 0; i < 5; ++i) {
      run.collect();
      run.update();
    }
    return weights(*run.agent);
  };
  const auto one = weights_on("train.threads=1"), three = weights_on("train.threads=3");
  pool_threads = before;
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(same(one[i].second, three[i].second)) << one[i].first;
}

TEST(LoadAgent, RunsOnTheThreadsOfItsRun) {
  const int before = pool_threads;
  Folder folder;
  Training(tiny({"train.threads=3"})).save(folder / "latest");
  pool_threads = 1;
  load_agent(folder / "latest", {});
  EXPECT_EQ(pool_threads, 3);
  pool_threads = before;
}

TEST(LoadAgent, TakesOnlyWhatLeavesTheNetworkAlone) {
  Folder folder;
  Training run(tiny());
  train(run, 3);
  run.save(folder / "latest");
  const auto load = [&](const std::string& word) {
    return error_of([&] { load_agent(folder / "latest", std::vector<std::string>{word}); });
  };
  EXPECT_EQ(load("world.length=[3, 9]"), "");
  EXPECT_EQ(load("expire_span.keep_at_top=true"), "");
  EXPECT_NE(load("a2c.gamma=0.5").find("a2c.gamma"), std::string::npos);
  EXPECT_NE(load("world.name=portal").find("world.name"), std::string::npos);
  EXPECT_NE(load("memory.width=32").find("memory.width"), std::string::npos);

  const LoadedAgent loaded = load_agent(folder / "latest", {});
  EXPECT_EQ(loaded.frames, run.frames);
  const auto a = weights(*run.agent), b = weights(*loaded.agent);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same(a[i].second, b[i].second)) << a[i].first;
}

}  // namespace
}  // namespace wane
