#pragma once
// The transformer over tables of live slots: every attention memory is this one, and differs only in its rule of
// retention.
//
// A layer, pre-norm:  n = norm(h);  h += W_o attend(W_q n, slots);  h += W_2 relu(W_1 norm(h)).  The last layer's
// output is normalised once more. Initial output projections are scaled by 1/sqrt(2N). With `memory.residual: gru` both
// sums are GTrXL's gates instead (gate.h).

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "memory/gate.h"
#include "memory/layer_parts.h"
#include "memory/memory.h"
#include "memory/retention.h"

namespace wane {

namespace fused {
struct Network;
}

class TransformerLayer : public torch::nn::Module {
 public:
  TransformerLayer(const Settings& settings, const Draw& draw);

  torch::Tensor normalise(const torch::Tensor& h) const;    // (.., D) -> n (.., D)
  torch::Tensor project(const torch::Tensor& n) const;      // (.., D) -> queries, keys, values side by side (.., 3D)
  torch::Tensor queries(const torch::Tensor& n) const;      // (.., D) -> (.., D)
  torch::Tensor keys_values(const torch::Tensor& n) const;  // (.., D) -> (.., 2D)
  torch::Tensor finish(const torch::Tensor& h, const torch::Tensor& attended) const;  // residuals and feed-forward

  /// The attention's inputs that are parameters; the caller adds query, key, value and spans.
  AttentionInput attention_input() const;
  AttentionOutput attend(const AttentionInput& in, const Candidates& who) const;
  /// Whether `attend` takes a GPU's kernels for queries like this (.., D).
  bool attends_there(const torch::Tensor& query) const;

  const Retention& rule() const { return *rule_; }
  bool gated() const { return gate_ != nullptr; }
  LayerParts parts() const;  // of a layer without gates
  std::vector<torch::Tensor> span_parameters() const { return rule_->parameters(); }

 private:
  std::shared_ptr<Retention> rule_;
  NeedRule need_;
  int slope_from_;
  std::string compute_;
  torch::Tensor norm_weight_, norm_bias_, norm2_weight_, norm2_bias_;
  torch::Tensor project_, output_;         // (3D, D), (D, D)
  torch::Tensor position_, null_, slope_;  // (H, P, d), (H), (H): see AttentionInput
  torch::Tensor up_, up_bias_, down_, down_bias_;
  std::shared_ptr<Gate> gate_, gate2_;  // null: sums
};

class Transformer : public Memory {
 public:
  Transformer(const Settings& settings, const Draw& draw);

  MemoryState begin(int envs, int block) const override;
  using Memory::peek, Memory::step;
  void step(MemoryState& state, const torch::Tensor& x, torch::Tensor& features) const override;
  void peek(MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes,
            torch::Tensor& features) const override;
  Unrolled unroll(const MemoryState& state, const torch::Tensor& x, const UnrollOptions& options) const override;
  void refresh(MemoryState& state) const override;
  void clear(MemoryState& state, std::span<const std::int32_t> lanes) const override;
  void swap(MemoryState& state, std::int32_t lane, std::int32_t other) const override;
  std::vector<std::vector<SlotView>> inspect(const MemoryState& state, int lane) const override;
  std::vector<torch::Tensor> span_parameters() const override;
  void save(const MemoryState& state, torch::serialize::OutputArchive& archive) const override;
  MemoryState load(torch::serialize::InputArchive& archive, int envs, int block) const override;

 private:
  bool fused() const;
  /// Whether the tables' books are to be on the device, too (device_table.h).
  bool books_there(const MemoryState& state) const;
  fused::Network network() const;
  /// One query of each of `lanes` through all layers; `remember` adds it to the live slots.
  void look(MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes, bool remember,
            torch::Tensor& features) const;
  torch::Tensor look_by_operators(MemoryState& state, torch::Tensor h, std::span<const std::int32_t> lanes,
                                  bool remember) const;
  /// (past, D) in the precision that is computed in.
  torch::Tensor past_hidden(const SlotTable& table) const;
  /// Drops the dead, and pools what the rule pools. True where the past's keys and values have to be computed again.
  bool settle(SlotTable& table, const MemoryState& state) const;
  /// Keys and values of the past, with the weights of now.
  void project_past(SlotTable& table, std::size_t layer) const;

  std::string compute_, storage_;
  Room room_;
  torch::Tensor evict_key_;  // of random evictions, saved with the weights
  std::vector<LayerParts> parts_;
  SpanTeachers teachers_;
  int width_;
  std::vector<std::shared_ptr<TransformerLayer>> layers_;
  torch::Tensor norm_weight_, norm_bias_;
};

}  // namespace wane
