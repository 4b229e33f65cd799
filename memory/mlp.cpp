#include "memory/mlp.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "configs/error.h"

namespace wane {

using torch::Tensor;

Mlp::Mlp(const MemorySettings& settings, const Draw& draw) {
  if (settings.kind != "none") throw Error("network.body = mlp: expected memory.kind = none, not " + settings.kind);
  const int D = settings.width;
  for (int n = 0; n < settings.layers; ++n) {
    const std::string at = std::to_string(n);
    weights_.push_back(register_parameter("weight" + at, draw_uniform({D, D}, 1 / std::sqrt(double(D)), draw)));
    biases_.push_back(register_parameter("bias" + at, torch::zeros({D})));
  }
}

MemoryState Mlp::begin(int envs, int block) const { return empty_state(envs, block); }

Tensor Mlp::forward(const Tensor& x) const {
  Tensor h = torch::relu(x);
  for (std::size_t n = 0; n < weights_.size(); ++n) h = torch::relu(torch::linear(h, weights_[n], biases_[n]));
  return h;
}

void Mlp::step(MemoryState& state, const Tensor& x, Tensor& features) const {
  check(x.dim() == 2 && x.size(0) == state.envs, "x is (B, D)");
  if (state.filled == state.block) refresh(state);
  peek(state, x, state.all, features);
  ++state.filled;
  ++state.now;
}

void Mlp::peek(MemoryState&, const Tensor& x, std::span<const std::int32_t> lanes, Tensor& features) const {
  torch::NoGradGuard no_gradients;
  const auto n = static_cast<std::int64_t>(lanes.size());
  features.narrow(0, 0, n).copy_(forward(x.narrow(0, 0, n)));
}

Unrolled Mlp::unroll(const MemoryState&, const Tensor& x, const UnrollOptions&) const { return {forward(x), {}}; }

void Mlp::refresh(MemoryState& state) const { state.filled = 0; }
void Mlp::clear(MemoryState&, std::span<const std::int32_t>) const {}
void Mlp::swap(MemoryState&, std::int32_t, std::int32_t) const {}
std::vector<std::vector<SlotView>> Mlp::inspect(const MemoryState&, int) const { return {}; }
std::vector<Tensor> Mlp::span_parameters() const { return {}; }

void Mlp::save(const MemoryState& state, torch::serialize::OutputArchive& archive) const {
  archive.write("now", c10::IValue(state.now));
}

MemoryState Mlp::load(torch::serialize::InputArchive& archive, int envs, int block) const {
  MemoryState state = begin(envs, block);
  c10::IValue now;
  archive.read("now", now);
  state.now = now.toInt();
  return state;
}

}  // namespace wane
