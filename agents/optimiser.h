#pragma once
// Adam or RMSProp over two groups of parameters: those that decide spans, and all others. Each has its own rate and
// clip.

#include <torch/optim/optimizer.h>

#include <memory>
#include <vector>

#include "agents/agent.h"

namespace wane {

class Optimiser {
 public:
  Optimiser(const Agent& agent, const OptimiserSettings& settings, double clip);

  struct Norms {
    double all, spans;  // L2 norms of the gradients before clipping
  };
  /// One step down the gradients of `loss`, both rates multiplied by `share`.
  Norms step(const torch::Tensor& loss, double share);

  /// What it remembers of past gradients. Rates and the like are settings, not state.
  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  std::vector<torch::Tensor> parameters() const;  // of both groups

  OptimiserSettings settings_;
  double clip_;
  std::vector<torch::Tensor> rest_, spans_;
  std::unique_ptr<torch::optim::Optimizer> optimiser_;
};

}  // namespace wane
