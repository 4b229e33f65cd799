#pragma once
// When the agent may be taught to forget, and at what price (recipes.md §3).
//
// The gate opens once: when the last long episodes succeed, at full difficulty or from expire_span.open_from on. Before
// it spans stay as they are born; a cue that is not yet read looks like noise, and would be forgotten first. From then
// on need is taught always, the price only while success holds, and when success breaks down spans are pulled back up
// ("restore"): without it a collapse is final.

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <deque>

#include "configs/settings.h"
#include "envs/batch.h"
#include "memory/memory.h"

namespace wane {

class Forgetting {
 public:
  explicit Forgetting(const ExpireSpanSettings& settings, const AdaptiveSpanSettings& adaptive = {})
      : settings_(settings), adaptive_(adaptive), open_(!settings.gate) {}

  /// Takes in episodes that finished at a difficulty that counts; may open the gate.
  void observe(std::span<const Batch::Episode> finished);

  bool open() const { return open_; }
  bool pricing() const;    // success holds
  bool restoring() const;  // success broke down

  /// Mean of the last episodes that are at least 3/4 as long as the longest. While there are too few, as when episodes
  /// have just become longer, it is what it was when there last were enough; 0 before. Where that lasts for 800
  /// episodes, the hundred longest of them are taken: few are nearly as long as the longest in that world.
  double success() const { return success_; }

  /// What forgetting adds to an update's loss, summed over layers. Spans pay need and price, the paper's charge, or all
  /// three, and restore, from the gate's opening on; those of heads (adaptive_span) their price while success holds.
  /// Looking back costs always, in each layer for every one above it: a layer that has learned to look up what the top
  /// one will look up again hardly unlearns it. The top one looks for nothing: where it paid, some seeds never learned.
  /// Undefined where there is nothing to pay.
  torch::Tensor loss(const std::vector<LayerLosses>& layers) const;

  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  ExpireSpanSettings settings_;
  AdaptiveSpanSettings adaptive_;
  bool open_;
  double success_ = 0;
  std::size_t scarce_ = 0;                    // episodes since enough of the last ones were long
  std::deque<std::pair<int, float>> window_;  // size and success

  void judge();
};

}  // namespace wane
