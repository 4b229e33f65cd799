#include "agents/evaluate.h"

#include <torch/types.h>

#include <algorithm>
#include <numeric>

#include "agents/acting.h"
#include "agents/experiments.h"
#include "configs/error.h"

namespace wane {
namespace {

constexpr int kBlock = 32, kMostLanes = 128, kBins = 8;

std::vector<LengthBin> by_length(const std::vector<Batch::Episode>& episodes) {
  const auto [least, most] =
      std::minmax_element(episodes.begin(), episodes.end(), [](auto& a, auto& b) { return a.size < b.size; });
  const int first = least->size, range = most->size - first + 1, width = (range + kBins - 1) / kBins;
  std::vector<LengthBin> bins;
  for (int lo = first; lo < first + range; lo += width)
    bins.push_back({lo, std::min(lo + width, first + range) - 1, 0, 0});
  for (const auto& episode : episodes) {
    LengthBin& bin = bins[(episode.size - first) / width];
    ++bin.episodes;
    bin.success += episode.success;
  }
  std::erase_if(bins, [](const LengthBin& bin) { return bin.episodes == 0; });
  for (auto& bin : bins) bin.success /= bin.episodes;
  return bins;
}

/// `born` takes in the lives of slots, `given` deals them out; null: neither.
Evaluation run(const Agent& agent, const WaneWorldV1& world, std::span<const WorldSetting> values,
               const EvaluationOptions& options, Lives* born, const Lives* given) {
  const Senses& senses = agent.senses();
  const bool twins = options.swap_at > 0;
  if (twins && options.episodes % 2) throw Error("twins come in pairs: expected an even number of episodes");
  const int lanes = twins ? options.episodes : std::clamp(options.episodes / 4, 1, kMostLanes);
  Batch batch(world, values, lanes, hash(options.seed, std::uint64_t(Purpose::evaluation)));
  MemoryState state = agent.memory().begin(lanes, kBlock);
  if (twins) make_twins(batch, options.seed);
  Eraser eraser(options.erase, batch);
  Previous previous(lanes);
  Moment moment = agent.moment(lanes);
  std::vector<int> left(lanes, options.episodes / lanes);
  for (int b = 0; b < options.episodes % lanes; ++b) ++left[b];

  std::vector<std::int32_t> all(lanes), actions(lanes), finished;
  std::iota(all.begin(), all.end(), 0);
  std::vector<Batch::Episode> episodes;
  Evaluation result;
  result.layers.resize(state.layers.size());
  while (static_cast<int>(episodes.size()) < options.episodes) {
    const auto now = static_cast<std::uint64_t>(state.now);
    for (int b = 0; twins && state.now == options.swap_at && b < lanes; b += 2) {
      if (!left[b] || !left[b + 1]) continue;
      agent.memory().swap(state, b, b + 1);
      ++result.exchanged;
    }
    observe(senses, batch, previous, all, moment.seen);
    agent.step(state, moment);
    if (born) born->observe(state, left);
    if (given) given->deal(state, options.seed);
    eraser.after_step(batch, state);
    for (std::size_t l = 0; l < state.layers.size(); ++l) {
      double& most = result.layers[l].bytes_max;
      most = std::max(most, double(state.layers[l].bytes()) / lanes);
    }
    if (options.greedy) choose_greedily(moment.decision.logits, actions);
    else choose(moment.decision.logits, Purpose::evaluation, options.seed, now, actions);
    for (int b = 0; b < lanes; ++b) {
      if (!left[b]) continue;  // dealt out: it idles along, uncounted
      ++result.frames;
      for (std::size_t l = 0; l < state.layers.size(); ++l) {
        LayerEvaluation& layer = result.layers[l];
        layer.live_slots_mean += state.layers[l].seen[b];
        layer.live_slots_max = std::max<double>(layer.live_slots_max, state.layers[l].seen[b]);
      }
    }
    batch.step(actions);
    previous.remember(actions, batch.rewards());
    finished.clear();
    for (const auto& episode : batch.finished()) {
      finished.push_back(episode.lane);
      previous.forget(episode.lane);
      if (!left[episode.lane]) continue;
      --left[episode.lane];
      episodes.push_back(episode);
    }
    if (finished.empty()) continue;
    agent.memory().clear(state, finished);
    eraser.clear(finished);
    batch.reset_done();
  }

  result.episodes = options.episodes;
  result.erased = eraser.erased();
  for (const auto& episode : episodes) {
    result.success += episode.success;
    result.full_success += episode.success >= 1;
    result.return_mean += episode.episode_return;
    result.length_mean += episode.length;
  }
  for (double* mean : {&result.success, &result.full_success, &result.return_mean, &result.length_mean})
    *mean /= options.episodes;
  result.success_by_length = by_length(episodes);
  result.finished = std::move(episodes);
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    LayerEvaluation& layer = result.layers[l];
    const SlotCounts& counts = state.layers[l].counts;
    layer.live_slots_mean /= double(result.frames);
    layer.span_mean = counts.born > 0 ? counts.spans / counts.born : 0;
    layer.span_max = counts.most_span;
  }
  return result;
}

}  // namespace

Evaluation evaluate(const Agent& agent, const WaneWorldV1& world, std::span<const WorldSetting> values,
                    const EvaluationOptions& options) {
  if (!options.shuffle_lives) return run(agent, world, values, options, nullptr, nullptr);
  EvaluationOptions before = options;
  before.seed = hash(options.seed, static_cast<std::uint64_t>(Purpose::shuffled_life));
  Lives lives;
  run(agent, world, values, before, &lives, nullptr);
  return run(agent, world, values, options, nullptr, &lives);
}

}  // namespace wane
