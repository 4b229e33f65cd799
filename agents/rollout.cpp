#include "agents/rollout.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "configs/error.h"
#include "envs/rng.h"

namespace wane {
namespace {

/// The observations of some lanes as one batch, on the agent's device.
Observation observe(const Agent& agent, const Batch& batch, const Previous& previous,
                    std::span<const std::int32_t> lanes) {
  const Senses& senses = agent.senses();
  const auto n = static_cast<std::int64_t>(lanes.size());
  Observation seen{torch::empty({n, senses.symbols()}, torch::kInt64), torch::empty({n, senses.numbers()})};
  auto* symbols = seen.symbols.data_ptr<std::int64_t>();
  auto* numbers = seen.numbers.data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    sense(senses, batch, previous, lanes[i], symbols + i * senses.symbols(), numbers + i * senses.numbers());
  }
  return seen;
}

Observation to(const Observation& observation, const torch::Device& device) {
  return {observation.symbols.to(device), observation.numbers.to(device)};
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
}

std::int32_t greedy_action(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::int32_t sample_action(std::span<const float> logits, double u) {
  const double top = logits[greedy_action(logits)];
  double total = 0, passed = 0;
  for (const float logit : logits) total += std::exp(logit - top);
  for (std::size_t a = 0; a + 1 < logits.size(); ++a) {
    passed += std::exp(logits[a] - top);
    if (u * total < passed) return static_cast<std::int32_t>(a);
  }
  return static_cast<std::int32_t>(logits.size()) - 1;
}

void collect(const Agent& agent, MemoryState& state, Batch& batch, Previous& previous, std::uint64_t seed,
             Rollout& rollout) {
  const int B = rollout.envs, T = rollout.steps, A = agent.senses().actions;
  check(batch.envs() == B && state.envs == B && state.block == T && state.filled == 0, "a rollout is one whole block");
  const torch::Device device = agent.parameters().front().device();
  std::vector<std::int32_t> all(B), actions(B), finished, look;
  std::iota(all.begin(), all.end(), 0);
  rollout.finished.clear();
  for (int t = 0; t < T; ++t) {
    const auto now = static_cast<std::uint64_t>(state.now);
    const Observation seen = observe(agent, batch, previous, all);
    rollout.observation.symbols.select(1, t).copy_(seen.symbols);
    rollout.observation.numbers.select(1, t).copy_(seen.numbers);
    const Decision decision = agent.step(state, to(seen, device));
    const torch::Tensor logits = decision.logits.to(torch::kCPU, torch::kFloat32).contiguous();
    const torch::Tensor value = decision.value.to(torch::kCPU, torch::kFloat32).contiguous();
    for (int b = 0; b < B; ++b) {
      actions[b] = sample_action({logits.const_data_ptr<float>() + std::ptrdiff_t(b) * A, std::size_t(A)},
                                 uniform01(Purpose::action, seed, b, now));
    }
    batch.step(actions);

    finished.clear();
    look.clear();
    for (int b = 0; b < B; ++b) {
      const std::size_t at = std::size_t(b) * T + t;
      rollout.actions[at] = actions[b];
      rollout.values[at] = value.const_data_ptr<float>()[b];
      rollout.rewards[at] = batch.rewards()[b];
      rollout.terminated[at] = batch.terminated()[b];
      rollout.truncated[at] = batch.truncated()[b];
      rollout.next_values[at] = 0;
      previous.action[b] = actions[b];
      previous.reward[b] = batch.rewards()[b];
      if (batch.terminated()[b] || batch.truncated()[b]) finished.push_back(b);
      if (batch.truncated()[b] || (t + 1 == T && !batch.terminated()[b])) look.push_back(b);
    }
    if (!look.empty()) {
      const Decision ahead = agent.peek(state, to(observe(agent, batch, previous, look), device), look);
      const torch::Tensor next = ahead.value.to(torch::kCPU, torch::kFloat32).contiguous();
      for (std::size_t i = 0; i < look.size(); ++i)
        rollout.next_values[std::size_t(look[i]) * T + t] = next.const_data_ptr<float>()[i];
    }
    if (finished.empty()) continue;
    rollout.finished.insert(rollout.finished.end(), batch.finished().begin(), batch.finished().end());
    for (const std::int32_t b : finished) previous.forget(b);
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
