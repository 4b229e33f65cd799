#include "agents/rollout.h"

#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <numeric>

#include "agents/acting.h"
#include "configs/error.h"
#include "memory/timed.h"

namespace wane {
namespace {

/// Step t of `to` (B, T, n) becomes `seen` (B, n).
void record(const torch::Tensor& seen, torch::Tensor& to, int t) {
  const std::int64_t row = seen.size(1) * seen.element_size();
  if (row == 0) return;  // no data, not even a place for it
  auto* bytes = static_cast<char*>(to.data_ptr()) + t * row;
  for (std::int64_t b = 0; b < seen.size(0); ++b, bytes += to.size(1) * row)
    std::memcpy(bytes, static_cast<const char*>(seen.data_ptr()) + b * row, row);
}

}  // namespace

Rollout::Rollout(const Senses& senses, int lanes, int length) : envs(lanes), steps(length) {
  const std::size_t n = std::size_t(envs) * steps;
  observation = {torch::zeros({envs, steps, senses.symbols()}, torch::kInt64),
                 torch::zeros({envs, steps, senses.numbers()})};
  actions.resize(n);
  rewards.resize(n);
  values.resize(n);
  next_values.resize(n);
  terminated.resize(n);
  truncated.resize(n);
  slipped.resize(envs);
}

void collect(const Agent& agent, MemoryState& state, Batch& batch, Previous& previous, std::uint64_t seed,
             Rollout& rollout) {
  const int B = rollout.envs, T = rollout.steps;
  check(batch.envs() == B && state.envs == B && state.block == T && state.filled == 0, "a rollout is one whole block");
  Moment now = agent.moment(B), ahead = agent.moment(B);
  std::vector<std::int32_t> all(B), actions(B), finished, look;
  std::iota(all.begin(), all.end(), 0);
  finished.reserve(B);
  look.reserve(B);
  rollout.finished.clear();
  rollout.judged.clear();
  for (int t = 0; t < T; ++t) {
    const auto clock = static_cast<std::uint64_t>(state.now);
    {
      const Timed timed(Work::acting);
      observe(agent.senses(), batch, previous, all, now.seen);
      record(now.seen.symbols, rollout.observation.symbols, t);
      record(now.seen.numbers, rollout.observation.numbers, t);
      agent.step(state, now);
      choose(now.decision.logits, Purpose::action, seed, clock, actions);
      note_slips(now.decision.logits, actions, rollout.slip, rollout.slipped);
    }
    const float* const value = now.decision.value.const_data_ptr<float>();
    {
      const Timed timed(Work::worlds);
      batch.step(actions);
      previous.remember(actions, batch.rewards());
    }
    finished.clear();
    look.clear();
    for (int b = 0; b < B; ++b) {
      const std::size_t at = std::size_t(b) * T + t;
      rollout.actions[at] = actions[b];
      rollout.values[at] = value[b];
      rollout.rewards[at] = batch.rewards()[b];
      rollout.terminated[at] = batch.terminated()[b];
      rollout.truncated[at] = batch.truncated()[b];
      rollout.next_values[at] = 0;
      if (batch.terminated()[b] || batch.truncated()[b]) finished.push_back(b);
      if (batch.truncated()[b] || (t + 1 == T && !batch.terminated()[b])) look.push_back(b);
    }
    if (!look.empty()) {
      const Timed timed(Work::acting);
      observe(agent.senses(), batch, previous, look, ahead.seen);
      agent.peek(state, ahead, look);
      for (std::size_t i = 0; i < look.size(); ++i)
        rollout.next_values[std::size_t(look[i]) * T + t] = ahead.decision.value.const_data_ptr<float>()[i];
    }
    if (finished.empty()) continue;
    const Timed timed(Work::worlds);
    rollout.finished.insert(rollout.finished.end(), batch.finished().begin(), batch.finished().end());
    std::ranges::copy_if(batch.finished(), std::back_inserter(rollout.judged),
                         [&](const auto& episode) { return !rollout.slipped[episode.lane]; });
    for (const std::int32_t b : finished) {
      previous.forget(b);
      rollout.slipped[b] = 0;
    }
    agent.memory().clear(state, finished);
    batch.reset_done();
  }
}

std::vector<float> advantages(const Rollout& rollout, double gamma, double lambda) {
  std::vector<float> result(rollout.rewards.size());
  for (int b = 0; b < rollout.envs; ++b) {
    double sum = 0;
    for (int t = rollout.steps - 1; t >= 0; --t) {
      const std::size_t at = std::size_t(b) * rollout.steps + t;
      const bool ends = rollout.terminated[at] || rollout.truncated[at];
      const double next = ends || t + 1 == rollout.steps ? rollout.next_values[at] : rollout.values[at + 1];
      const double surprise = rollout.rewards[at] + gamma * next - rollout.values[at];
      sum = surprise + (ends ? 0 : gamma * lambda * sum);
      result[at] = static_cast<float>(sum);
    }
  }
  return result;
}

}  // namespace wane
