#include "brute_force.h"

#include <torch/types.h>

#include <cmath>

namespace wane {

using torch::Tensor;

Weights::Weights(const Memory& memory, const Plan& plan) : plan_(plan) {
  for (const auto& parameter : memory.named_parameters()) {
    named_[parameter.key()] = parameter.value().detach().to(torch::kFloat64).clone();
  }
}

Tensor Weights::at(int layer, const std::string& name) const {
  const auto found = named_.find("layer" + std::to_string(layer) + "." + name);
  return found == named_.end() ? Tensor() : found->second;
}

namespace {

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Tensor centred = x - x.mean(-1, true);
  return centred / torch::sqrt(centred.square().mean(-1, true) + 1e-5) * weight + bias;
}

}  // namespace

Tensor Weights::normalise(int layer, const Tensor& hidden) const {
  return layer_norm(hidden.to(torch::kFloat64), at(layer, "norm_weight"), at(layer, "norm_bias"));
}

Tensor Weights::spans(int layer, const Tensor& hidden) const {
  const double top = std::log(plan_.memory.max_span);
  const Tensor z = torch::matmul(normalise(layer, hidden), at(layer, "rule.weight")) + at(layer, "rule.bias");
  if (plan_.spans.form == "sigmoid") {
    return plan_.memory.max_span / (1 + torch::exp(-z / (plan_.spans.divide_by_ramp ? plan_.spans.ramp : 1)));
  }
  return torch::exp(top - torch::log1p(torch::exp(4 * (top - z))) / 4);
}

Tensor Weights::head_spans(int layer) const {
  const Tensor share = at(layer, "rule.share");
  return share.defined() ? plan_.memory.max_span * share.clamp(0, 1) : share;
}

double Weights::ramp(double span) const {
  const double fixed = plan_.memory.kind == "adaptive_span" ? plan_.adaptive.ramp : plan_.spans.ramp;
  return fixed > 0 ? fixed : span / 4 + 2;
}

double Weights::mask(double span, double age) const {
  return std::min(1.0, std::max(0.0, 1 + (span - age) / ramp(span)));
}

std::int32_t Weights::death_age(int layer, double span) const {
  if (plan_.memory.kind == "none") return 1;
  if (plan_.memory.kind == "compressive") return kNever;
  if (plan_.memory.kind == "adaptive_span") span = head_spans(layer).max().item<double>();
  if (plan_.memory.kind == "transformer_xl") return plan_.memory.max_span;
  std::int32_t age = 1;
  while (age < span + ramp(span)) ++age;
  return age;
}

bool Weights::stays(double span_at_birth) const {
  return plan_.memory.kind == "expire_span" && plan_.spans.keep_at_top &&
         span_at_birth >= plan_.spans.top * plan_.memory.max_span;
}

Tensor BruteForce::step(const Tensor& x) {
  const MemorySettings& settings = weights_.plan().memory;
  const int H = settings.heads, D = settings.width, d = D / H, P = settings.position_window;
  const bool has_spans = settings.kind == "expire_span";
  attention.clear();
  null_attention.clear();
  Tensor h = x.to(torch::kFloat64);
  for (int l = 0; l < settings.layers; ++l) {
    const auto w = [&](const char* name) { return weights_.at(l, name); };
    history_[l].push_back(h);
    const int n = static_cast<int>(history_[l].size());
    const Tensor hidden = torch::stack(history_[l]), all = weights_.normalise(l, hidden);
    const auto third = [&](int which) {
      return torch::matmul(all, w("project").narrow(0, which * D, D).t()).view({n, H, d});
    };
    const Tensor q = third(0)[n - 1], k = third(1), v = third(2);  // (H, d), (n, H, d)
    const Tensor spans = has_spans ? weights_.spans(l, hidden) : Tensor();

    Tensor weighed = torch::zeros({H, n}, torch::kFloat64);
    for (int i = 0; i < n; ++i) {
      const int age = n - 1 - i;
      Tensor mask = torch::full({H}, double(has_spans || age < weights_.death_age(l, 0)), torch::kFloat64);
      if (has_spans) {
        const double e = spans[i].item<double>();
        const int life = std::max(weights_.death_age(l, e), weights_.plan().witnesses.age);
        mask.fill_(weights_.stays(e) ? 1 : witness_ ? double(age < life) : weights_.mask(e, age));
      }
      for (int head = 0; weights_.head_spans(l).defined() && head < H; ++head)
        mask[head] = weights_.mask(weights_.head_spans(l)[head].item<double>(), age);
      if (i < settings.sinks) mask.fill_(1);
      Tensor logit =
          (q * (age < P ? k[i] + w("position").select(1, age) : k[i])).sum(-1) / std::sqrt(double(d));  // (H)
      if (settings.age_slope)
        logit = logit - w("slope").clamp_min(0) * std::log(std::max(1.0, (1.0 + age) / settings.slope_from));
      weighed.select(1, i).copy_(mask * torch::exp(logit));
    }
    const Tensor null = settings.null_slot ? torch::exp(w("null")) : torch::zeros({H}, torch::kFloat64);
    const Tensor total = weighed.sum(-1) + null;
    attention.push_back(weighed / total.unsqueeze(-1));
    null_attention.push_back(null / total);

    const Tensor out = (attention.back().t().unsqueeze(-1) * v).sum(0).view({D});
    const auto join = [&](const Tensor& x, const Tensor& y, const std::string& gate) {
      if (settings.residual != "gru") return x + y;
      const auto part = [&](const char* name, int which) {
        return weights_.at(l, gate + name).narrow(0, which * D, D);
      };
      const Tensor in = y.clamp_min(0), W = torch::mv(part(".of_output", 2), in);
      const Tensor r = torch::sigmoid(torch::mv(part(".of_output", 0), in) + torch::mv(part(".of_input", 0), x));
      const Tensor z = torch::sigmoid(torch::mv(part(".of_output", 1), in) + torch::mv(part(".of_input", 1), x) -
                                      weights_.at(l, gate + ".bias"));
      return (1 - z) * x + z * torch::tanh(W + torch::mv(part(".of_reset", 0), r * x));
    };
    h = join(h, torch::mv(w("output"), out), "gate");
    const Tensor second = layer_norm(h, w("norm2_weight"), w("norm2_bias"));
    const Tensor up = (torch::mv(w("up"), second) + w("up_bias")).clamp_min(0);
    h = join(h, torch::mv(w("down"), up) + w("down_bias"), "gate2");
  }
  return layer_norm(h, weights_.at("norm_weight"), weights_.at("norm_bias"));
}

}  // namespace wane
