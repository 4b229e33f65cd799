#pragma once
// The transformer over everything that an environment ever saw, written once more from expire_span.md §1, in double
// precision, step by step. It never deletes: what is dead has mask 0. Also spans and deaths by formula, for tests that
// keep books of their own.

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

#include "memory/memory.h"

namespace wane {

/// One kind of memory and its settings, as the tests vary them.
struct Plan {
  std::string name;
  MemorySettings memory;
  ExpireSpanSettings spans;
  AdaptiveSpanSettings adaptive = {};
  CompressiveSettings compressive = {};
  Witnesses witnesses = {};

  Settings settings() const {
    Settings all;
    all.memory = memory;
    all.expire_span = spans;
    all.adaptive_span = adaptive;
    all.compressive = compressive;
    return all;
  }
  bool evicts() const { return memory.slots > 0; }
  bool pools() const { return memory.kind == "compressive"; }
  bool goes_by_age() const { return !evicts() && !pools() && memory.sinks == 0; }  // every slot, alone
};

/// Weights of a memory by name, in double precision, as they are now.
class Weights {
 public:
  Weights(const Memory& memory, const Plan& plan);

  const Plan& plan() const { return plan_; }
  torch::Tensor at(int layer, const std::string& name) const;  // undefined where there is none
  torch::Tensor at(const std::string& name) const { return named_.at(name); }

  torch::Tensor normalise(int layer, const torch::Tensor& hidden) const;
  /// Spans in steps of the slots in `hidden` (S, D), of a rule with spans.
  torch::Tensor spans(int layer, const torch::Tensor& hidden) const;
  /// (H) in steps; undefined where the rule gives heads none.
  torch::Tensor head_spans(int layer) const;
  double ramp(double span) const;  // steps
  double mask(double span, double age) const;
  /// The first age in whole steps that a slot of this plan does not live to see.
  std::int32_t death_age(int layer, double span) const;
  bool stays(double span_at_birth) const;

 private:
  Plan plan_;
  std::map<std::string, torch::Tensor> named_;
};

/// One environment's memory under one set of weights.
class BruteForce {
 public:
  explicit BruteForce(const Weights& weights, int lane = 0)
      : weights_(weights), witness_(weights.plan().witnesses.has(lane)), history_(weights.plan().memory.layers) {}

  torch::Tensor step(const torch::Tensor& x);  // (D) -> (D), and remembers x
  void clear() { history_.assign(history_.size(), {}); }

  /// As the last step paid it, layer by layer: attention (H, S) to each step since the last clear, and (H) to the null
  /// slot.
  std::vector<torch::Tensor> attention, null_attention;

 private:
  const Weights& weights_;
  bool witness_;
  std::vector<std::vector<torch::Tensor>> history_;  // (N), hidden vectors since the last clear, oldest first
};

}  // namespace wane
