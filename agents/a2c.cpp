#include "agents/a2c.h"

#include <torch/types.h>

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

Schedule schedule(const Settings& settings, std::int64_t frames, std::int64_t falls_since) {
  const std::int64_t fallen = falls_since < 0 ? 0 : frames - falls_since;
  const double rate_share = along(1, settings.optimiser.end_share, double(fallen) / settings.optimiser.fall_frames);
  return {along(settings.a2c.entropy, settings.a2c.entropy_end, double(frames) / settings.a2c.entropy_frames),
          settings.a2c.log_barrier * rate_share, rate_share};
}

Tensor policy_loss(const Tensor& taken, const Tensor& behaved, const Tensor& advantage, double clip) {
  const Tensor ratio = (taken - behaved).exp();
  return -torch::minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage).mean();
}

namespace {

/// A block as it is learned from, on the agent's device.
struct Lesson {
  Observation block;
  Tensor actions, advantage, returns;  // (B, T)
  Tensor behaved;                      // (B, T) ln of the chances that the actions had when they were taken
};

/// One pass over the block, and one step.
UpdateReport learn(const Agent& agent, Optimiser& optimiser, const MemoryState& state, Lesson& lesson,
                   const Forgetting& forgetting, const A2cSettings& settings, const Schedule& schedule,
                   std::int32_t span_limit) {
  std::optional<Timed> timed(std::in_place, Work::learning);
  const Replay replay = agent.unroll(state, lesson.block, {forgetting.open(), span_limit});
  const Tensor log_pi = torch::log_softmax(replay.decision.logits, -1);              // (B, T, A)
  const Tensor taken = log_pi.gather(-1, lesson.actions.unsqueeze(-1)).squeeze(-1);  // (B, T)
  if (!lesson.behaved.defined()) lesson.behaved = taken.detach();
  const Tensor of_policy = settings.epochs == 1
                               ? -(lesson.advantage * taken).mean()
                               : policy_loss(taken, lesson.behaved, lesson.advantage, settings.ratio_clip);
  const Tensor value_loss = (replay.decision.value - lesson.returns).square().mean();
  const Tensor entropy = -(log_pi.exp() * log_pi).sum(-1).mean();
  Tensor loss = of_policy + settings.value_cost * value_loss - schedule.entropy * entropy;
  if (schedule.log_barrier > 0) loss = loss - schedule.log_barrier * log_pi.mean();
  const Tensor span_loss = forgetting.loss(replay.layers);
  if (span_loss.defined()) loss = loss + span_loss;
  timed.reset();
  const Optimiser::Norms norms = optimiser.step(loss, schedule.rate_share);

  UpdateReport report;
  report.policy_loss = of_policy.item<double>();
  report.value_loss = value_loss.item<double>();
  report.entropy = entropy.item<double>();
  report.span_loss = span_loss.defined() ? span_loss.item<double>() : 0;
  report.gradient_norm = norms.all;
  report.span_gradient_norm = norms.spans;
  return report;
}

}  // namespace

UpdateReport update(const Agent& agent, Optimiser& optimiser, const MemoryState& state, const Rollout& rollout,
                    const Forgetting& forgetting, const A2cSettings& settings, const Schedule& schedule,
                    std::int32_t span_limit) {
  const torch::Device device = agent.parameters().front().device();
  const std::vector<float> advantage = advantages(rollout, settings.gamma, settings.gae_lambda);
  Lesson lesson;
  lesson.block = {rollout.observation.symbols.to(device), rollout.observation.numbers.to(device)};
  lesson.actions = tensor_of(rollout.actions, rollout, device);
  lesson.advantage = tensor_of(advantage, rollout, device);
  lesson.returns = lesson.advantage + tensor_of(rollout.values, rollout, device);
  UpdateReport report;
  for (int epoch = 0; epoch < settings.epochs; ++epoch)
    report = learn(agent, optimiser, state, lesson, forgetting, settings, schedule, span_limit);
  const double variance = lesson.returns.var(false).item<double>();
  report.explained_variance = variance > 0 ? 1 - lesson.advantage.var(false).item<double>() / variance : 0;
  return report;
}

}  // namespace wane
