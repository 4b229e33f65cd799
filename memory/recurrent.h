#pragma once
// Recurrent state instead of slots (`memory.kind: gru | lstm`): what agents remembered before attention, and the
// yardstick for it. `memory.layers` cells of `memory.width` units, one on the other; the features are the last one's
// output.
//
// The state of an environment is (N, S D) numbers: the GRU's h (S = 1), the LSTM's h and c (S = 2). It has no slots, no
// spans, and nothing to forget but what it overwrites.

#include <vector>

#include "memory/memory.h"

namespace wane {

class Recurrent : public Memory {
 public:
  /// Weights uniform in +-1/sqrt(D), biases 0, the LSTM's forget gate 1 (Jozefowicz et al. 2015).
  Recurrent(const MemorySettings& settings, const Draw& draw);

  MemoryState begin(int envs, int block) const override;
  using Memory::peek, Memory::step;
  void step(MemoryState& state, const torch::Tensor& x, torch::Tensor& features) const override;
  void peek(MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes,
            torch::Tensor& features) const override;
  /// Back through the block's steps; the state that it began with carries no gradient.
  Unrolled unroll(const MemoryState& state, const torch::Tensor& x, const UnrollOptions& options) const override;
  /// The state stays as the old weights made it.
  void refresh(MemoryState& state) const override;
  void clear(MemoryState& state, std::span<const std::int32_t> lanes) const override;
  void swap(MemoryState& state, std::int32_t lane, std::int32_t other) const override;
  std::vector<std::vector<SlotView>> inspect(const MemoryState& state, int lane) const override;
  std::vector<torch::Tensor> span_parameters() const override;
  void save(const MemoryState& state, torch::serialize::OutputArchive& archive) const override;
  MemoryState load(torch::serialize::InputArchive& archive, int envs, int block) const override;

 private:
  struct Cell {
    torch::Tensor input, state, input_bias, state_bias;  // (G D, D), (G D, D), (G D), (G D): G gates
  };
  /// One step: x (n, D), every layer's state (N, n, S D) -> features (n, D) and the new state.
  torch::Tensor advance(const torch::Tensor& x, torch::Tensor& state) const;

  bool lstm_;
  std::int64_t width_;
  std::vector<Cell> cells_;  // (N)
};

}  // namespace wane
