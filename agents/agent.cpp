#include "agents/agent.h"

#include <torch/torch.h>

#include <cmath>
#include <numbers>

#include "configs/error.h"
#include "envs/rng.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr double kPolicyGain = 0.01, kValueGain = 1;

/// Orthonormal rows times `gain` (Saxe et al. 2014), rows <= columns. Gram-Schmidt on normal draws: the same bits
/// everywhere.
Tensor orthogonal(std::int64_t rows, std::int64_t columns, double gain, const Draw& draw) {
  Tensor matrix = torch::empty({rows, columns}, torch::kFloat64);
  auto at = matrix.accessor<double, 2>();
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const double radius = std::sqrt(-2 * std::log(1 - draw()));
      at[i][j] = radius * std::cos(2 * std::numbers::pi * draw());
    }
    for (std::int64_t k = 0; k < std::min(i, columns - 1); ++k) {
      double dot = 0;
      for (std::int64_t j = 0; j < columns; ++j) dot += at[i][j] * at[k][j];
      for (std::int64_t j = 0; j < columns; ++j) at[i][j] -= dot * at[k][j];
    }
    double norm = 0;
    for (std::int64_t j = 0; j < columns; ++j) norm += at[i][j] * at[i][j];
    for (std::int64_t j = 0; j < columns; ++j) at[i][j] /= std::sqrt(norm);
  }
  return (matrix * gain).to(torch::kFloat32);
}

}  // namespace

Agent::Agent(const Settings& settings, const Senses& senses, std::uint64_t seed) : senses_(senses) {
  std::uint64_t drawn = 0;
  const Draw draw = [&] { return uniform01(Purpose::weights, seed, 0, drawn++); };
  const int D = settings.memory.width;
  symbols_ = register_parameter(
      "symbols", draw_uniform({senses.rows(), D}, 1 / std::sqrt(double(senses.symbols() + senses.numbers())), draw));
  if (senses.numbers())
    numbers_ = register_parameter("numbers",
                                  draw_uniform({D, senses.numbers()}, 1 / std::sqrt(double(senses.numbers())), draw));
  memory_ = register_module("memory", make_memory(settings.memory, settings.expire_span, draw));
  const Tensor policy = orthogonal(senses.actions, D, kPolicyGain, draw), value = orthogonal(1, D, kValueGain, draw);
  heads_ = register_parameter("heads", torch::cat({policy, value}));
  heads_bias_ = register_parameter("heads_bias", torch::zeros({senses.actions + 1}));
}

Tensor Agent::encode(const Observation& observation) const {
  auto shape = observation.symbols.sizes().vec();
  shape.back() = symbols_.size(1);
  const Tensor rows = observation.symbols.reshape({-1, senses_.symbols()});
  Tensor h = std::get<0>(torch::embedding_bag(
      symbols_, rows.reshape({-1}), torch::arange(0, rows.numel(), senses_.symbols(), rows.options()), false, 0));
  if (numbers_.defined()) h = h + torch::matmul(observation.numbers.reshape({-1, senses_.numbers()}), numbers_.t());
  return h.view(shape);
}

Decision Agent::decide(const Tensor& features) const {
  const Tensor out = torch::linear(features, heads_, heads_bias_);
  return {out.narrow(-1, 0, senses_.actions), out.select(-1, senses_.actions)};
}

Decision Agent::step(MemoryState& state, const Observation& observation) const {
  torch::NoGradGuard no_gradients;
  return decide(memory_->step(state, encode(observation)));
}

Decision Agent::peek(MemoryState& state, const Observation& observation, std::span<const std::int32_t> lanes) const {
  torch::NoGradGuard no_gradients;
  return decide(memory_->peek(state, encode(observation), lanes));
}

Replay Agent::unroll(const MemoryState& state, const Observation& block, const UnrollOptions& options) const {
  Unrolled unrolled = memory_->unroll(state, encode(block), options);
  return {decide(unrolled.features), std::move(unrolled.layers)};
}

}  // namespace wane
