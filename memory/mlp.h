#pragma once
// No memory at all: fully connected layers, the yardstick of feed-forward agents (`network.body: mlp`).
//
//   h = relu(x);  then memory.layers times  h = relu(W h + b)

#include "memory/memory.h"

namespace wane {

class Mlp : public Memory {
 public:
  /// Weights uniform in +-1/sqrt(D), biases 0. Throws Error where `memory.kind` is not none.
  Mlp(const MemorySettings& settings, const Draw& draw);

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
  torch::Tensor forward(const torch::Tensor& x) const;  // (.., D) -> (.., D)
  std::vector<torch::Tensor> weights_, biases_;         // (D, D), (D)
};

}  // namespace wane
