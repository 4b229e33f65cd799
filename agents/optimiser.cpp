#include "agents/optimiser.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

namespace wane {
namespace {

std::unique_ptr<torch::optim::OptimizerOptions> options(const OptimiserSettings& settings, double rate) {
  if (settings.kind == "rmsprop") {
    return std::make_unique<torch::optim::RMSpropOptions>(torch::optim::RMSpropOptions(rate).alpha(settings.decay).eps(settings.epsilon));
  }
  return std::make_unique<torch::optim::AdamOptions>(torch::optim::AdamOptions(rate).eps(settings.epsilon));
}

double clip_norm(const std::vector<torch::Tensor>& parameters, double most) {
  if (parameters.empty()) return 0;
  return torch::nn::utils::clip_grad_norm_(parameters, most > 0 ? most : std::numeric_limits<double>::infinity());
}

}  // namespace

Optimiser::Optimiser(const Agent& agent, const OptimiserSettings& settings, double clip) : settings_(settings), clip_(clip) {
  spans_ = agent.memory().span_parameters();
  for (const auto& parameter : agent.parameters()) {
    const auto same = [&](const torch::Tensor& span) { return span.is_same(parameter); };
    if (std::none_of(spans_.begin(), spans_.end(), same)) rest_.push_back(parameter);
  }
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(rest_, options(settings, settings.learning_rate));
  if (!spans_.empty()) groups.emplace_back(spans_, options(settings, settings.span_learning_rate));
  if (settings.kind == "rmsprop") {
    optimiser_ = std::make_unique<torch::optim::RMSprop>(std::move(groups));
  } else {
    optimiser_ = std::make_unique<torch::optim::Adam>(std::move(groups));
  }
}

Optimiser::Norms Optimiser::step(const torch::Tensor& loss, double share) {
  optimiser_->zero_grad();
  loss.backward();
  const Norms norms{clip_norm(rest_, clip_), clip_norm(spans_, settings_.span_clip)};
  auto& groups = optimiser_->param_groups();
  groups[0].options().set_lr(settings_.learning_rate * share);
  if (groups.size() > 1) groups[1].options().set_lr(settings_.span_learning_rate * share);
  optimiser_->step();
  return norms;
}

}  // namespace wane
