#include "agents/agent.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "agents/encode.h"
#include "configs/error.h"
#include "envs/rng.h"
#include "memory/mlp.h"
#include "memory/pool.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr double kPolicyGain = 0.01, kValueGain = 1;
constexpr std::int64_t kGrain = 128;  // environments that are worth a second thread

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
  const double gain = settings.network.embedding_gain;
  const Tensor symbols =
      draw_uniform({senses.rows(), D}, gain / std::sqrt(double(senses.symbols() + senses.numbers())), draw);
  if (settings.network.zero_code && senses.cells)
    symbols.narrow(0, 0, senses.cells * senses.codes).view({senses.cells, senses.codes, D}).select(1, 0).zero_();
  symbols_ = register_parameter("symbols", symbols);
  if (senses.numbers())
    numbers_ = register_parameter("numbers",
                                  draw_uniform({D, senses.numbers()}, 1 / std::sqrt(double(senses.numbers())), draw));
  if (settings.network.body == "mlp") memory_ = std::make_shared<Mlp>(settings.memory, draw);
  else memory_ = make_memory(settings, draw);
  register_module("memory", memory_);
  const Tensor policy = orthogonal(senses.actions, D, kPolicyGain, draw), value = orthogonal(1, D, kValueGain, draw);
  heads_ = register_parameter("heads", torch::cat({policy, value}));
  heads_bias_ = register_parameter("heads_bias", torch::zeros({senses.actions + 1}));
}

Tensor Agent::encode(const Observation& observation) const {
  auto shape = observation.symbols.sizes().vec();
  shape.back() = symbols_.size(1);
  const Tensor rows = observation.symbols.reshape({-1, senses_.symbols()});
  Tensor h = plain() ? sum_rows(symbols_, rows)
                     : std::get<0>(torch::embedding_bag(
                           symbols_, rows.reshape({-1}),
                           torch::arange(0, rows.numel(), senses_.symbols(), rows.options()), false, 0));
  if (numbers_.defined()) h = h + torch::matmul(observation.numbers.reshape({-1, senses_.numbers()}), numbers_.t());
  return h.view(shape);
}

Decision Agent::decide(const Tensor& features) const {
  const Tensor out = torch::linear(features, heads_, heads_bias_);
  return {out.narrow(-1, 0, senses_.actions), out.select(-1, senses_.actions)};
}

Moment Agent::moment(int envs) const {
  const auto options = heads_.options().device(torch::kCPU).dtype(torch::kFloat32).requires_grad(false);
  const std::int64_t D = heads_.size(1);
  return {{torch::zeros({envs, senses_.symbols()}, torch::kInt64), torch::zeros({envs, senses_.numbers()})},
          torch::zeros({envs, D}, options),
          torch::zeros({envs, D}, options),
          torch::zeros({envs, senses_.actions + 1}, options),
          {torch::zeros({envs, senses_.actions}, options), torch::zeros({envs}, options)}};
}

bool Agent::plain() const { return heads_.device().is_cpu() && heads_.scalar_type() == torch::kFloat32; }

template <class Look>
void Agent::act(Moment& now, std::int64_t n, const Look& look) const {
  torch::NoGradGuard no_gradients;
  if (plain()) {
    encode_rows(now, n);
    look(now.hidden, now.features);
    decide_rows(now, n);
    return;
  }
  const auto device = heads_.device();
  const Tensor hidden = encode(
      {now.seen.symbols.narrow(0, 0, n).to(device), now.seen.numbers.narrow(0, 0, n).to(device, heads_.scalar_type())});
  Tensor features = torch::empty_like(hidden);
  look(hidden, features);
  const Decision decision = decide(features);
  now.decision.logits.narrow(0, 0, n).copy_(decision.logits);
  now.decision.value.narrow(0, 0, n).copy_(decision.value);
}

void Agent::step(MemoryState& state, Moment& now) const {
  act(now, state.envs, [&](const Tensor& x, Tensor& y) { memory_->step(state, x, y); });
}

void Agent::peek(MemoryState& state, Moment& now, std::span<const std::int32_t> lanes) const {
  act(now, static_cast<std::int64_t>(lanes.size()),
      [&](const Tensor& x, Tensor& y) { memory_->peek(state, x, lanes, y); });
}

void Agent::encode_rows(Moment& now, std::int64_t n) const {
  const std::int64_t F = senses_.numbers(), D = heads_.size(1);
  float* const hidden = now.hidden.data_ptr<float>();
  sum_rows_into(symbols_, now.seen.symbols.const_data_ptr<std::int64_t>(), n, senses_.symbols(), hidden);
  if (!F) return;
  const float *const weights = numbers_.const_data_ptr<float>(), *const numbers =
                                                                     now.seen.numbers.const_data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < D; ++j) {
      for (std::int64_t f = 0; f < F; ++f) hidden[i * D + j] += weights[j * F + f] * numbers[i * F + f];
    }
  }
}

void Agent::decide_rows(Moment& now, std::int64_t n) const {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const std::int64_t A = senses_.actions, D = heads_.size(1);
  Eigen::Map<Matrix> out(now.heads.data_ptr<float>(), n, A + 1);
  out.noalias() = Eigen::Map<const Matrix>(now.features.const_data_ptr<float>(), n, D) *
                  Eigen::Map<const Matrix>(heads_.const_data_ptr<float>(), A + 1, D).transpose();
  out.rowwise() +=
      Eigen::Map<const Eigen::Matrix<float, 1, Eigen::Dynamic>>(heads_bias_.const_data_ptr<float>(), A + 1);
  Eigen::Map<Matrix>(now.decision.logits.data_ptr<float>(), n, A) = out.leftCols(A);
  Eigen::Map<Matrix>(now.decision.value.data_ptr<float>(), n, 1) = out.rightCols(1);
}

Replay Agent::unroll(const MemoryState& state, const Observation& block, const UnrollOptions& options) const {
  Unrolled unrolled = memory_->unroll(state, encode(block), options);
  return {decide(unrolled.features), std::move(unrolled.layers)};
}

}  // namespace wane
