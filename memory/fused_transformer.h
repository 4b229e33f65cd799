#pragma once
// The whole transformer on the CPU, without LibTorch's operators: what `Transformer` does where `memory.compute` is
// fused. Work is cut into pieces of environments that do not depend on the number of threads, and what is summed over
// pieces is summed in their order: threads change no bit.

#include "memory/transformer.h"

namespace wane::fused {

struct Network {
  std::span<const LayerParts> layers;
  torch::Tensor norm_weight, norm_bias;  // (D), of the last layer's output
  SpanTeachers teachers;
};

/// `Memory::step` and `peek` without the state's bookkeeping of blocks: x (n, D) of `lanes` -> out (n, D). Allocates
/// nothing once it has run at this size.
void look(const Network& network, MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes,
          bool remember, torch::Tensor& out);

/// `Memory::unroll`, with gradients for x and the network's parameters.
Unrolled unroll(const Network& network, const MemoryState& state, const torch::Tensor& x, const UnrollOptions& options);

/// Keys and values of the table's past from its hidden states; spans of the same, (past) in steps.
void project_past(const LayerParts& layer, SlotTable& table);
torch::Tensor past_spans(const LayerParts& layer, const SlotTable& table);

}  // namespace wane::fused
