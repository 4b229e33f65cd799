#pragma once
// Adam or RMSProp over two groups of parameters: those that decide spans, and all others. Each has its own rate and
// clip.
//
//   Optimiser optimiser(agent, settings.optimiser, settings.a2c.clip);
//   Optimiser::Norms norms = optimiser.step(loss, 1);
//
// Clipping and step are one pass over each parameter. A parameter that has no gradient is left as it is, and its count
// of steps too.

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
  struct Moving {
    torch::Tensor parameter, mean, square;  // moving averages of gradients (Adam) and of their squares
    std::int64_t steps = 0;
  };
  using Group = std::vector<Moving>;

  /// Returns the norm before clipping.
  double step(Group& group, double rate, double clip);
  void step(Moving& one, double rate, double shrink) const;

  OptimiserSettings settings_;
  double clip_;
  Group rest_, spans_;
};

}  // namespace wane
