#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "configs/error.h"
#include "memory/transformer.h"

namespace wane {

using torch::Tensor;

TransformerLayer::TransformerLayer(const Settings& all, const Draw& draw)
    : need_{all.expire_span.margin, all.expire_span.even_share, all.expire_span.least_share,
            all.memory.kind == "expire_span" && all.expire_span.reach_cost > 0},
      slope_from_(all.memory.slope_from), compute_(all.memory.compute) {
  const MemorySettings& settings = all.memory;
  const int D = settings.width, H = settings.heads, F = settings.feed_forward * D;
  if (D % H != 0) {
    throw Error("memory.width = " + std::to_string(D) + ": expected a multiple of memory.heads = " + std::to_string(H));
  }
  const double bound = 1 / std::sqrt(double(D)), residual = 1 / std::sqrt(2.0 * settings.layers);
  norm_weight_ = register_parameter("norm_weight", torch::ones({D}));
  norm_bias_ = register_parameter("norm_bias", torch::zeros({D}));
  norm2_weight_ = register_parameter("norm2_weight", torch::ones({D}));
  norm2_bias_ = register_parameter("norm2_bias", torch::zeros({D}));
  project_ = register_parameter("project", draw_uniform({3 * D, D}, bound, draw));
  if (settings.mimetic > 0) {
    const torch::NoGradGuard guard;
    Tensor query = project_.narrow(0, 0, D);
    query.mul_(std::sqrt(1 - settings.mimetic * settings.mimetic)).add_(project_.narrow(0, D, D), settings.mimetic);
  }
  output_ = register_parameter("output", draw_uniform({D, D}, bound * residual, draw));
  position_ = register_parameter("position", torch::zeros({H, settings.position_window, D / H}));
  if (settings.null_slot) null_ = register_parameter("null", torch::zeros({H}));
  if (settings.age_slope)
    slope_ = register_parameter("slope", torch::linspace(0, H > 1 ? settings.steepest_slope : 0, H));
  up_ = register_parameter("up", draw_uniform({F, D}, bound, draw));
  up_bias_ = register_parameter("up_bias", draw_uniform({F}, bound, draw));
  down_ = register_parameter("down", draw_uniform({D, F}, residual / std::sqrt(double(F)), draw));
  down_bias_ = register_parameter("down_bias", draw_uniform({D}, 1 / std::sqrt(double(F)), draw));
  rule_ = register_module("rule", make_retention(all));
  if (settings.residual != "gru") return;
  gate_ = register_module("gate", std::make_shared<Gate>(D, draw));
  gate2_ = register_module("gate2", std::make_shared<Gate>(D, draw));
}

Tensor TransformerLayer::normalise(const Tensor& h) const {
  return torch::layer_norm(h, {h.size(-1)}, norm_weight_, norm_bias_);
}

Tensor TransformerLayer::project(const Tensor& n) const { return torch::matmul(n, project_.t()); }

Tensor TransformerLayer::queries(const Tensor& n) const {
  return torch::matmul(n, project_.narrow(0, 0, output_.size(0)).t());
}

Tensor TransformerLayer::keys_values(const Tensor& n) const {
  const std::int64_t D = output_.size(0);
  return torch::matmul(n, project_.narrow(0, D, 2 * D).t());
}

Tensor TransformerLayer::finish(const Tensor& h, const Tensor& attended) const {
  const Tensor output = torch::matmul(attended, output_.t());
  const Tensor mid = gate_ ? gate_->join(h, output) : h + output;
  const Tensor n = torch::layer_norm(mid, {mid.size(-1)}, norm2_weight_, norm2_bias_);
  const Tensor fed = torch::linear(torch::relu(torch::linear(n, up_, up_bias_)), down_, down_bias_);
  return gate2_ ? gate2_->join(mid, fed) : mid + fed;
}

LayerParts TransformerLayer::parts() const {
  LayerParts parts{{norm_weight_, norm_bias_, project_, output_, position_, null_, slope_, norm2_weight_, norm2_bias_,
                    up_, up_bias_, down_, down_bias_},
                   rule_.get(),
                   need_,
                   slope_from_};
  const auto of_rule = rule_->parameters();
  if (of_rule.size() == 2) {
    parts.tensors[kSpanWeight] = of_rule[0];
    parts.tensors[kSpanBias] = of_rule[1];
  }
  if (of_rule.size() == 1) parts.tensors[kHeadSpans] = of_rule[0];
  return parts;
}

AttentionInput TransformerLayer::attention_input() const {
  AttentionInput in;
  in.position = position_;
  in.null_logit = null_;
  // Bounded below, yet with a gradient at and under the bound: a head that starts at 0 could never leave it else.
  if (slope_.defined()) in.slope = slope_ + (torch::clamp_min(slope_, 0) - slope_).detach();
  in.head_span = rule_->head_spans();
  in.ramp = rule_->ramp;
  in.need = need_;
  in.slope_from = slope_from_;
  return in;
}

AttentionOutput TransformerLayer::attend(const AttentionInput& in, const Candidates& who) const {
  if (attends_there(in.query)) return device_attention(in, who);
  return in.query.is_cpu() && compute_ != "reference" ? fused_attention(in, who) : reference_attention(in, who);
}

bool TransformerLayer::attends_there(const Tensor& query) const {
  const bool wanted = compute_ == "device" || (compute_ != "reference" && !query.is_cpu());
  return wanted && device_attends(query, position_.size(0));
}

}  // namespace wane
