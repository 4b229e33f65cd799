// What an evaluation counts, and that nothing but its seed and the weights decides it.

#include "agents/evaluate.h"
#include "agents/acting.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "envs/rng.h"
#include "tiny.h"

namespace wane {
namespace {

bool operator==(const LengthBin& a, const LengthBin& b) {
  return a.least == b.least && a.most == b.most && a.episodes == b.episodes && a.success == b.success;
}

struct Judged {
  explicit Judged(const std::vector<std::string>& overrides) : acting(tiny(overrides)) {}
  Evaluation operator()(const EvaluationOptions& options) const {
    return evaluate(acting.agent, find_world(acting.settings.world.name), acting.settings.world.values, options);
  }
  Acting acting;
};

bool equal(const Evaluation& a, const Evaluation& b) {
  bool layers = a.layers.size() == b.layers.size();
  for (std::size_t l = 0; layers && l < a.layers.size(); ++l) {
    const LayerEvaluation &x = a.layers[l], &y = b.layers[l];
    layers = x.live_slots_mean == y.live_slots_mean && x.live_slots_max == y.live_slots_max &&
             x.span_mean == y.span_mean && x.span_max == y.span_max;
  }
  return layers && a.episodes == b.episodes && a.frames == b.frames && a.success == b.success &&
         a.return_mean == b.return_mean && a.length_mean == b.length_mean &&
         std::ranges::equal(a.success_by_length, b.success_by_length,
                            [](const auto& x, const auto& y) { return x == y; });
}

/// The same, each lane alone from its first episode to the last that was dealt to it.
Evaluation lane_by_lane(const Acting& acting, const EvaluationOptions& options, int lanes) {
  Evaluation sum;
  sum.layers.resize(acting.settings.memory.layers);
  const Senses& senses = acting.agent.senses();
  for (int lane = 0; lane < lanes; ++lane) {
    Batch batch(find_world("corridor"), acting.settings.world.values, 1,
                hash(options.seed, std::uint64_t(Purpose::evaluation)), serial, static_cast<std::uint64_t>(lane));
    MemoryState memory = acting.agent.memory().begin(1, 500);
    const Previous nothing(1);
    int left = options.episodes / lanes + (lane < options.episodes % lanes);
    for (std::uint64_t now = 0; left > 0; ++now) {
      const torch::Tensor logits = step(acting.agent, memory, sense_alone(senses, batch, nothing, 0)).logits;
      const std::span<const float> chances(logits.data_ptr<float>(), 4);
      const std::int32_t action = options.greedy
                                      ? greedy_action(chances)
                                      : sample_action(chances, uniform01(Purpose::evaluation, options.seed, lane, now));
      for (std::size_t l = 0; l < sum.layers.size(); ++l) {
        sum.layers[l].live_slots_mean += memory.layers[l].seen[0];
        sum.layers[l].live_slots_max = std::max<double>(sum.layers[l].live_slots_max, memory.layers[l].seen[0]);
      }
      batch.step({&action, 1});
      ++sum.frames;
      if (batch.finished().empty()) continue;
      --left;
      ++sum.episodes;
      sum.success += batch.finished()[0].success;
      sum.return_mean += batch.finished()[0].episode_return;
      sum.length_mean += batch.finished()[0].length;
      acting.agent.memory().clear(memory, std::vector<std::int32_t>{0});
      batch.reset_done();
    }
  }
  sum.success /= sum.episodes;
  sum.return_mean /= sum.episodes;
  sum.length_mean /= sum.episodes;
  for (auto& layer : sum.layers) layer.live_slots_mean /= double(sum.frames);
  return sum;
}

TEST(Evaluate, MeasuresTheBytesOfWhatIsHeld) {
  // 16 numbers of float32 in hidden vector, key and value; a block of 32 steps and slack are held besides.
  constexpr double kSlot = 3 * 16 * 4;
  const Judged longer({"world.length=[150, 150]", "memory.max_span=512", "expire_span.first_span=300"}),
      shorter({"world.length=[150, 150]", "memory.max_span=512", "expire_span.first_span=5"});
  const LayerEvaluation held = longer({.episodes = 8}).layers[0], forgotten = shorter({.episodes = 8}).layers[0];
  EXPECT_GT(held.live_slots_max, 250);
  EXPECT_GE(held.bytes_max, 250 * kSlot);
  EXPECT_LT(forgotten.live_slots_max, 10);
  EXPECT_LT(forgotten.bytes_max, 150 * kSlot);
}

TEST(Evaluate, CountsEveryEpisodeDealtAndNoOther) {
  const Judged judged({"world.length=[2, 8]", "expire_span.first_span=5"});
  for (const int episodes : {1, 5, 22}) {
    const EvaluationOptions options{.episodes = episodes, .seed = 4};
    const Evaluation got = judged(options), expected = lane_by_lane(judged.acting, options, std::max(1, episodes / 4));
    EXPECT_EQ(got.episodes, episodes);
    EXPECT_EQ(got.frames, expected.frames);
    EXPECT_NEAR(got.success, expected.success, 1e-9);
    EXPECT_NEAR(got.return_mean, expected.return_mean, 1e-5);
    EXPECT_NEAR(got.length_mean, expected.length_mean, 1e-9);
    EXPECT_NEAR(got.layers[0].live_slots_mean, expected.layers[0].live_slots_mean, 1e-9);
    EXPECT_EQ(got.layers[0].live_slots_max, expected.layers[0].live_slots_max);
    int binned = 0;
    double succeeded = 0;
    for (const LengthBin& bin : got.success_by_length) {
      EXPECT_LE(bin.least, bin.most);
      EXPECT_GE(bin.least, 2);
      EXPECT_LE(bin.most, 8);
      binned += bin.episodes;
      succeeded += bin.success * bin.episodes;
    }
    EXPECT_EQ(binned, episodes);
    EXPECT_NEAR(succeeded / episodes, got.success, 1e-5);
  }
}

TEST(Evaluate, FullSuccessCountsEpisodesWithoutAFault) {
  const EvaluationOptions options{.episodes = 60, .seed = 3};
  const Evaluation corridor = Judged({"world.length=[2, 4]"})(options);
  EXPECT_GT(corridor.success, 0);
  EXPECT_EQ(corridor.full_success, corridor.success) << "the corridor knows only 0 and 1";
  // Without training: each of two doors is right by chance, both of them in a quarter of the episodes.
  const Evaluation doors = Judged({"world.name=switch", "world.length=[2, 2]", "world.doors=2"})(options);
  EXPECT_GT(doors.success, 0.3);
  EXPECT_LT(doors.full_success, doors.success - 0.1);
}

TEST(Evaluate, IsAFunctionOfWeightsAndSeed) {
  const Judged judged({"world.length=[2, 8]"});
  const EvaluationOptions options{.episodes = 40, .seed = 7};
  const Evaluation first = judged(options);
  torch::manual_seed(5);
  torch::rand({100});
  Acting elsewhere(tiny());
  elsewhere.collect();
  judged({.episodes = 3, .seed = 1});
  EXPECT_TRUE(equal(judged(options), first));
  EXPECT_FALSE(equal(judged({.episodes = 40, .seed = 8}), first));
}

TEST(Evaluate, GreedyIsAnotherPolicyThanSampled) {
  const Judged judged({"world.length=[2, 8]"});
  const Evaluation sampled = judged({.episodes = 40, .seed = 7}),
                   greedy = judged({.episodes = 40, .seed = 7, .greedy = true});
  EXPECT_FALSE(equal(sampled, greedy));
  EXPECT_NEAR(greedy.length_mean,
              lane_by_lane(judged.acting, {.episodes = 40, .seed = 7, .greedy = true}, 10).length_mean, 1e-9);
}

TEST(Evaluate, LeavesTheAgentAlone) {
  const Judged judged({});
  const auto before = weights(judged.acting.agent);
  judged({.episodes = 20, .seed = 7});
  const auto after = weights(judged.acting.agent);
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_TRUE(same(before[i].second, after[i].second)) << before[i].first;
}

TEST(Evaluate, AllSucceedingIsExactlyOne) {
  // One room, whose goal is either portal's end: the last choice succeeds unless a known wrong one was taken twice.
  Settings settings = tiny({"world.name=portal", "network.previous=none"});
  settings.world.values = {{"rooms", {1}, "a test"}};
  const Batch batch(find_world("portal"), settings.world.values, 1, 1);
  const Agent agent(settings, Senses::of(batch, settings.network), 1);
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Evaluation all =
        evaluate(agent, find_world("portal"), settings.world.values, {.episodes = 100, .seed = seed});
    double counted = 0;
    for (const LengthBin& bin : all.success_by_length) counted += bin.success * bin.episodes;
    EXPECT_NEAR(100 * all.success, std::round(100 * all.success), 1e-12) << "hundredths";
    EXPECT_NEAR(all.success, counted / 100, 1e-12);
  }
}

}  // namespace
}  // namespace wane
