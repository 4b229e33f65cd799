#include "agents/a2c.h"

#include <torch/torch.h>

#include <algorithm>
#include <optional>

#include "memory/timed.h"

namespace wane {
namespace {

using torch::Tensor;

template <class T>
Tensor tensor_of(const std::vector<T>& values, const Rollout& rollout, const torch::Device& device) {
  return torch::from_blob(const_cast<T*>(values.data()), {rollout.envs, rollout.steps},
                          torch::CppTypeToScalarType<T>::value)
      .to(device);
}

double along(double first, double last, double share) { return first + (last - first) * std::clamp(share, 0.0, 1.0); }

}  // namespace

Schedule schedule(const Settings& settings, std::int64_t frames, std::int64_t opened_at) {
  const bool from_gate = settings.optimiser.fall_from == "gate";
  const std::int64_t fallen = from_gate ? (opened_at < 0 ? 0 : frames - opened_at) : frames;
  return {along(settings.a2c.entropy, settings.a2c.entropy_end, double(frames) / settings.a2c.entropy_frames),
          along(1, settings.optimiser.end_share, double(fallen) / settings.optimiser.fall_frames)};
}

UpdateReport update(const Agent& agent, Optimiser& optimiser, const MemoryState& state, const Rollout& rollout,
                    const Forgetting& forgetting, const A2cSettings& settings, const Schedule& schedule,
                    std::int32_t span_limit) {
  std::optional<Timed> timed(std::in_place, Work::learning);
  const torch::Device device = agent.parameters().front().device();
  const std::vector<float> advantage = advantages(rollout, settings.gamma, settings.gae_lambda);
  const Tensor advantage_t = tensor_of(advantage, rollout, device);
  const Tensor returns = advantage_t + tensor_of(rollout.values, rollout, device);
  const Tensor actions = tensor_of(rollout.actions, rollout, device);

  const Observation block{rollout.observation.symbols.to(device), rollout.observation.numbers.to(device)};
  const Replay replay = agent.unroll(state, block, {forgetting.open(), span_limit});
  const Tensor log_pi = torch::log_softmax(replay.decision.logits, -1);       // (B, T, A)
  const Tensor taken = log_pi.gather(-1, actions.unsqueeze(-1)).squeeze(-1);  // (B, T)
  const Tensor policy_loss = -(advantage_t * taken).mean();
  const Tensor value_loss = (replay.decision.value - returns).square().mean();
  const Tensor entropy = -(log_pi.exp() * log_pi).sum(-1).mean();
  Tensor loss = policy_loss + settings.value_cost * value_loss - schedule.entropy * entropy;
  const Tensor span_loss = forgetting.loss(replay.layers);
  if (span_loss.defined()) loss = loss + span_loss;
  timed.reset();
  const Optimiser::Norms norms = optimiser.step(loss, schedule.rate_share);

  UpdateReport report;
  report.policy_loss = policy_loss.item<double>();
  report.value_loss = value_loss.item<double>();
  report.entropy = entropy.item<double>();
  const double variance = returns.var(false).item<double>();
  report.explained_variance = variance > 0 ? 1 - advantage_t.var(false).item<double>() / variance : 0;
  report.span_loss = span_loss.defined() ? span_loss.item<double>() : 0;
  report.gradient_norm = norms.all;
  report.span_gradient_norm = norms.spans;
  return report;
}

}  // namespace wane
