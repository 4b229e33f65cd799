#include "agents/optimiser.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

#include "configs/error.h"

namespace wane {
namespace {

std::unique_ptr<torch::optim::OptimizerOptions> options(const OptimiserSettings& settings, double rate) {
  if (settings.kind == "rmsprop") {
    return std::make_unique<torch::optim::RMSpropOptions>(
        torch::optim::RMSpropOptions(rate).alpha(settings.decay).eps(settings.epsilon));
  }
  return std::make_unique<torch::optim::AdamOptions>(torch::optim::AdamOptions(rate).eps(settings.epsilon));
}

double clip_norm(const std::vector<torch::Tensor>& parameters, double most) {
  if (parameters.empty()) return 0;
  return torch::nn::utils::clip_grad_norm_(parameters, most > 0 ? most : std::numeric_limits<double>::infinity());
}

}  // namespace

Optimiser::Optimiser(const Agent& agent, const OptimiserSettings& settings, double clip)
    : settings_(settings), clip_(clip) {
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

std::vector<torch::Tensor> Optimiser::parameters() const {
  std::vector<torch::Tensor> all = rest_;
  all.insert(all.end(), spans_.begin(), spans_.end());
  return all;
}

// LibTorch's own archive of an optimiser names parameters by their addresses: equal runs would have unequal
// checkpoints.
void Optimiser::save(torch::serialize::OutputArchive& archive) const {
  const auto& states = optimiser_->state();
  const auto all = parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto found = states.find(all[i].unsafeGetTensorImpl());
    if (found == states.end()) continue;  // it never had a gradient
    torch::serialize::OutputArchive state;
    found->second->serialize(state);
    archive.write(std::to_string(i), state);
  }
}

void Optimiser::load(torch::serialize::InputArchive& archive) {
  const bool rmsprop = settings_.kind == "rmsprop";
  const Error misfit("the checkpoint's optimiser is of another kind or network");
  const auto all = parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    torch::serialize::InputArchive saved;
    if (!archive.try_read(std::to_string(i), saved)) continue;
    std::unique_ptr<torch::optim::OptimizerParamState> state;
    if (rmsprop) {
      state = std::make_unique<torch::optim::RMSpropParamState>();
    } else {
      state = std::make_unique<torch::optim::AdamParamState>();
    }
    try {
      state->serialize(saved);
    } catch (const c10::Error&) {
      throw misfit;
    }
    const torch::Tensor& past = rmsprop ? static_cast<torch::optim::RMSpropParamState&>(*state).square_avg()
                                        : static_cast<torch::optim::AdamParamState&>(*state).exp_avg();
    if (!past.defined() || past.sizes() != all[i].sizes()) throw misfit;
    optimiser_->state()[all[i].unsafeGetTensorImpl()] = std::move(state);
  }
}

}  // namespace wane
