#include "memory/memory.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "memory/recurrent.h"
#include "memory/transformer.h"

namespace wane {

using torch::Tensor;

Tensor Memory::step(MemoryState& state, const Tensor& x) const {
  torch::NoGradGuard no_gradients;
  Tensor features = torch::empty_like(x, torch::MemoryFormat::Contiguous);
  step(state, x.contiguous(), features);
  return features;
}

Tensor Memory::peek(MemoryState& state, const Tensor& x, std::span<const std::int32_t> lanes) const {
  torch::NoGradGuard no_gradients;
  Tensor features = torch::empty_like(x, torch::MemoryFormat::Contiguous);
  peek(state, x.contiguous(), lanes, features);
  return features;
}

std::shared_ptr<Memory> make_memory(const Settings& settings, const Draw& draw) {
  const std::string& kind = settings.memory.kind;
  if (kind == "gru" || kind == "lstm") return std::make_shared<Recurrent>(settings.memory, draw);
  return std::make_shared<Transformer>(settings, draw);
}

}  // namespace wane
