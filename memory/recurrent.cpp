#include "memory/recurrent.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "configs/error.h"

namespace wane {

using torch::Tensor;

Recurrent::Recurrent(const MemorySettings& settings, const Draw& draw)
    : lstm_(settings.kind == "lstm"), width_(settings.width) {
  const std::int64_t D = width_, gates = lstm_ ? 4 : 3;
  const double bound = 1 / std::sqrt(double(D));
  for (int n = 0; n < settings.layers; ++n) {
    const std::string at = std::to_string(n);
    Cell cell;
    cell.input = register_parameter("input" + at, draw_uniform({gates * D, D}, bound, draw));
    cell.state = register_parameter("state" + at, draw_uniform({gates * D, D}, bound, draw));
    Tensor bias = torch::zeros({gates * D});
    if (lstm_) bias.narrow(0, D, D).fill_(1);  // gates in LibTorch's order: input, forget, cell, output
    cell.input_bias = register_parameter("input_bias" + at, bias);
    cell.state_bias = register_parameter("state_bias" + at, torch::zeros({gates * D}));
    cells_.push_back(std::move(cell));
  }
}

MemoryState Recurrent::begin(int envs, int block) const {
  MemoryState state = empty_state(envs, block);
  const std::int64_t numbers = (lstm_ ? 2 : 1) * width_, layers = std::ssize(cells_);
  state.recurrent = torch::zeros({layers, envs, numbers}, cells_[0].input.options().requires_grad(false));
  state.recurrent_before = state.recurrent.clone();
  return state;
}

Tensor Recurrent::advance(const Tensor& x, Tensor& state) const {
  Tensor h = x;
  std::vector<Tensor> next;
  for (std::size_t n = 0; n < cells_.size(); ++n) {
    const Cell& cell = cells_[n];
    const Tensor before = state[std::int64_t(n)];
    if (lstm_) {
      const auto [out, kept] = torch::lstm_cell(h, {before.narrow(1, 0, width_), before.narrow(1, width_, width_)},
                                                cell.input, cell.state, cell.input_bias, cell.state_bias);
      next.push_back(torch::cat({out, kept}, 1));
      h = out;
    } else {
      h = torch::gru_cell(h, before, cell.input, cell.state, cell.input_bias, cell.state_bias);
      next.push_back(h);
    }
  }
  state = torch::stack(next);
  return h;
}

void Recurrent::step(MemoryState& state, const Tensor& x, Tensor& features) const {
  check(x.dim() == 2 && x.size(0) == state.envs && x.size(1) == width_, "x is (B, D)");
  torch::NoGradGuard no_gradients;
  if (state.filled == state.block) refresh(state);
  Tensor next = state.recurrent;
  features.copy_(advance(x, next));
  state.recurrent.copy_(next);
  end_step(state);
}

void Recurrent::peek(MemoryState& state, const Tensor& x, std::span<const std::int32_t> lanes, Tensor& features) const {
  torch::NoGradGuard no_gradients;
  const auto n = static_cast<std::int64_t>(lanes.size());
  const Tensor index =
      torch::tensor(std::vector<std::int64_t>(lanes.begin(), lanes.end()), torch::kInt64).to(state.recurrent.device());
  Tensor next = state.recurrent.index_select(1, index);
  features.narrow(0, 0, n).copy_(advance(x.narrow(0, 0, n), next));
}

Unrolled Recurrent::unroll(const MemoryState& state, const Tensor& x, const UnrollOptions&) const {
  const std::int64_t B = state.envs, T = state.filled;
  check(x.dim() == 3 && x.size(0) == B && x.size(1) == T && x.size(2) == width_,
        "x is (B, steps acted in this block, D)");
  check(!state.swapped, "a block in which memories were exchanged cannot be unrolled");
  Tensor running = state.recurrent_before;
  std::vector<Tensor> features;
  for (std::int64_t t = 0; t < T; ++t) {
    Tensor kept = torch::ones({B}, torch::TensorOptions(torch::kFloat64));
    bool all = true;
    for (std::int64_t b = 0; b < B; ++b) {
      const auto at = std::size_t(b * state.block + t);
      if (state.episode[at] == (t ? state.episode[at - 1] : 0)) continue;  // no episode ended before this step
      kept[b] = 0;
      all = false;
    }
    if (!all) running = running * kept.to(running.options()).view({1, B, 1});
    features.push_back(advance(x.select(1, t), running));
  }
  return {torch::stack(features, 1), {}};
}

void Recurrent::refresh(MemoryState& state) const {
  begin_block(state);
  state.recurrent_before.copy_(state.recurrent);
}

void Recurrent::clear(MemoryState& state, std::span<const std::int32_t> lanes) const {
  for (const std::int32_t lane : lanes) {
    ++state.clears[lane];
    state.recurrent.select(1, lane).zero_();
  }
}

void Recurrent::swap(MemoryState& state, std::int32_t lane, std::int32_t other) const {
  const Tensor mine = state.recurrent.select(1, lane).clone();
  state.recurrent.select(1, lane).copy_(state.recurrent.select(1, other));
  state.recurrent.select(1, other).copy_(mine);
  state.swapped = true;
}

std::vector<std::vector<SlotView>> Recurrent::inspect(const MemoryState&, int) const { return {}; }
std::vector<Tensor> Recurrent::span_parameters() const { return {}; }

void Recurrent::save(const MemoryState& state, torch::serialize::OutputArchive& archive) const {
  check(state.filled == 0, "a memory is saved between blocks, after refresh");
  archive.write("now", c10::IValue(state.now));
  archive.write("recurrent", state.recurrent);
}

MemoryState Recurrent::load(torch::serialize::InputArchive& archive, int envs, int block) const {
  torch::NoGradGuard no_gradients;
  MemoryState state = begin(envs, block);
  c10::IValue now;
  archive.read("now", now);
  state.now = now.toInt();
  Tensor saved;
  archive.read("recurrent", saved);
  if (saved.sizes() != state.recurrent.sizes()) throw Error("the checkpoint's recurrent state is of another size");
  state.recurrent.copy_(saved);
  state.recurrent_before.copy_(saved);
  return state;
}

}  // namespace wane
