#include "agents/optimiser.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "configs/error.h"
#include "memory/pool.h"
#include "memory/timed.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr double kMeanDecay = 0.9, kSquareDecay = 0.999;  // Adam's (Kingma & Ba 2015)
constexpr std::int64_t kPiece = 1 << 15;                  // numbers that are worth a second thread

double norm_of(const Tensor& gradient) {
  return torch::linalg_vector_norm(gradient, 2, std::nullopt, false, torch::kFloat64).item<double>();
}

/// The sum of squares, by pieces that do not depend on threads.
double square_sum(const float* x, std::int64_t n) {
  std::vector<double> sums((n + kPiece - 1) / kPiece);
  over_ranges(n, kPiece, [&](std::int64_t begin, std::int64_t end) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = begin; i < end; ++i) sum += double(x[i]) * x[i];
    sums[begin / kPiece] = sum;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

bool plain(const Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32 && tensor.is_contiguous();
}

}  // namespace

Optimiser::Optimiser(const Agent& agent, const OptimiserSettings& settings, double clip)
    : settings_(settings), clip_(clip) {
  const auto spans = agent.memory().span_parameters();
  for (const auto& parameter : agent.parameters()) {
    const auto same = [&](const Tensor& span) { return span.is_same(parameter); };
    Group& group = std::none_of(spans.begin(), spans.end(), same) ? rest_ : spans_;
    group.push_back({parameter,
                     settings.kind == "adam" ? torch::zeros_like(parameter, torch::requires_grad(false)) : Tensor(),
                     torch::zeros_like(parameter, torch::requires_grad(false)), 0});
  }
}

Optimiser::Norms Optimiser::step(const Tensor& loss, double share) {
  for (Group* group : {&rest_, &spans_}) {
    for (Moving& one : *group) one.parameter.mutable_grad().reset();
  }
  {
    const Timed timed(Work::backward);
    loss.backward();
  }
  const Timed timed(Work::optimiser);
  torch::NoGradGuard no_gradients;
  return {step(rest_, settings_.learning_rate * share, clip_),
          step(spans_, settings_.span_learning_rate * share, settings_.span_clip)};
}

double Optimiser::step(Group& group, double rate, double clip) {
  double squares = 0;
  for (const Moving& one : group) {
    const Tensor& gradient = one.parameter.grad();
    if (!gradient.defined()) continue;
    squares += plain(gradient) ? square_sum(gradient.const_data_ptr<float>(), gradient.numel())
                               : std::pow(norm_of(gradient), 2);
  }
  const double norm = std::sqrt(squares), shrink = clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1;
  for (Moving& one : group) {
    if (one.parameter.grad().defined()) step(one, rate, shrink);
  }
  return norm;
}

void Optimiser::step(Moving& one, double rate, double shrink) const {
  const bool adam = settings_.kind == "adam";
  const double decay = adam ? kSquareDecay : settings_.decay, t = static_cast<double>(++one.steps);
  // Adam's estimates start at 0 and are divided by what they lack.
  const double mean_lack = 1 - std::pow(kMeanDecay, t), square_lack = adam ? 1 - std::pow(decay, t) : 1;
  const double by = adam ? rate / mean_lack : rate;
  const Tensor& gradient = one.parameter.grad();
  if (!plain(gradient) || !plain(one.parameter)) {
    const Tensor g = gradient * shrink;
    one.square.mul_(decay).addcmul_(g, g, 1 - decay);
    if (adam) one.mean.mul_(kMeanDecay).add_(g, 1 - kMeanDecay);
    one.parameter.addcdiv_(adam ? one.mean : g, (one.square / square_lack).sqrt_().add_(settings_.epsilon), -by);
    return;
  }
  const auto pass = [&](auto has_mean) {
    const float *const from = gradient.const_data_ptr<float>(), scale = static_cast<float>(shrink);
    float *const p = one.parameter.data_ptr<float>(), *const v = one.square.data_ptr<float>(),
                 *const m = has_mean ? one.mean.data_ptr<float>() : nullptr;
    const auto keep_v = static_cast<float>(decay), keep_m = static_cast<float>(kMeanDecay),
               grow = static_cast<float>(1 / std::sqrt(square_lack)), epsilon = static_cast<float>(settings_.epsilon),
               move = static_cast<float>(by);
    over_ranges(gradient.numel(), kPiece, [&](std::int64_t begin, std::int64_t end) {
#pragma omp simd
      for (std::int64_t i = begin; i < end; ++i) {
        const float g = from[i] * scale;
        float step = g;
        v[i] = keep_v * v[i] + (1 - keep_v) * g * g;
        if constexpr (has_mean) {
          m[i] = keep_m * m[i] + (1 - keep_m) * g;
          step = m[i];
        }
        p[i] -= move * step / (std::sqrt(v[i]) * grow + epsilon);
      }
    });
  };
  adam ? pass(std::true_type()) : pass(std::false_type());
}

void Optimiser::save(torch::serialize::OutputArchive& archive) const {
  std::size_t i = 0;
  for (const Group* group : {&rest_, &spans_}) {
    for (const Moving& one : *group) {
      const std::string key = std::to_string(i++);
      archive.write(key + ".steps", c10::IValue(one.steps));
      archive.write(key + ".square", one.square);
      if (one.mean.defined()) archive.write(key + ".mean", one.mean);
    }
  }
}

void Optimiser::load(torch::serialize::InputArchive& archive) {
  const Error misfit("the checkpoint's optimiser is of another kind or network");
  std::size_t i = 0;
  for (Group* group : {&rest_, &spans_}) {
    for (Moving& one : *group) {
      const std::string key = std::to_string(i++);
      c10::IValue steps;
      if (!archive.try_read(key + ".steps", steps)) throw misfit;
      one.steps = steps.toInt();
      const auto read = [&](const char* name, Tensor& to) {
        Tensor from;
        if (archive.try_read(key + name, from) != to.defined()) throw misfit;
        if (!to.defined()) return;
        if (from.sizes() != to.sizes()) throw misfit;
        to.copy_(from);
      };
      read(".square", one.square);
      read(".mean", one.mean);
    }
  }
}

}  // namespace wane
