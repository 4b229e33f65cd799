// Expire-Span (paper §3): every slot gets its own span from its own content, by one linear unit per layer.
//
//   sigmoid (the paper's)  e = L sigmoid(w . n + b), b = logit(p)        or, with divide_by_ramp, L sigmoid((w . n + b)
//   / R) log (ours)             e = exp(u), u = ln L - softplus(4 (ln L - w . n - b)) / 4: bounded softly, since a hard
//   bound has
//                          no gradient back, and no bound lets spans run to 10^7
//
// w = 0 at first, so every slot starts with the same span.

#include <Eigen/Core>
#include <cmath>

#include "configs/error.h"
#include "memory/retention.h"

namespace wane {
namespace {

constexpr double kSoftness = 4;  // of the log form's upper bound
constexpr double kExact = 1000;  // LibTorch's softplus is the identity beyond

class ExpireSpan : public Retention {
 public:
  ExpireSpan(const MemorySettings& memory, const ExpireSpanSettings& settings)
      : settings_(settings), max_span_(memory.max_span) {
    if (settings.divide_by_ramp && settings.ramp <= 0) {
      throw Error(
          "expire_span.divide_by_ramp = true: expected expire_span.ramp to be a number of steps, not proportional");
    }
    ramp.steps = settings.ramp;
    if (settings.form == "sigmoid") {  // ln(L sigmoid(x)) = ln L + x - softplus(x)
      unbounded_offset = std::log(max_span_);
      unbounded_scale = 1 / divisor();
    }
    weight_ = register_parameter("weight", torch::zeros({memory.width}));
    bias_ = register_parameter("bias", torch::full({1}, first_bias()));
  }

  torch::Tensor unbounded_log_spans(const torch::Tensor& n) const override {
    return unbounded_offset + unbounded_scale * (torch::mv(n, weight_) + bias_);
  }

  torch::Tensor log_spans(const torch::Tensor& n) const override {
    const torch::Tensor z = torch::mv(n, weight_) + bias_;
    if (settings_.form == "log") {
      const double top = std::log(max_span_);
      return top - torch::softplus(kSoftness * (top - z), 1, kExact) / kSoftness;
    }
    return std::log(max_span_) + torch::log_sigmoid(z / divisor());
  }

  void shape_spans(std::span<float> z, std::span<float> slope) const override { shape(z, slope); }
  void shape_spans(std::span<double> z, std::span<double> slope) const override { shape(z, slope); }

  Lifetime lifetime() const override {
    Lifetime lifetime{.ramp = ramp};
    if (settings_.keep_at_top) lifetime.top = settings_.top * max_span_;
    return lifetime;
  }

 private:
  /// Both forms are u = ln L - b softplus(a (c - z)).
  template <class Real>
  void shape(std::span<Real> z, std::span<Real> slope) const {
    using Array = Eigen::Map<Eigen::Array<Real, Eigen::Dynamic, 1>>;
    const bool log = settings_.form == "log";
    const Real top = std::log(max_span_), a = log ? kSoftness : 1 / divisor(), b = log ? 1 / kSoftness : 1,
               c = log ? top : 0;
    Array u(z.data(), z.size()), x(slope.data(), slope.size());
    x = a * (c - u);
    u = top - b * (x.max(Real(0)) + (-x.abs()).exp().log1p());
    x = a * b / (1 + (-x).exp());
  }

  double divisor() const { return settings_.divide_by_ramp ? settings_.ramp : 1; }

  /// The bias at which a slot starts with `first_span` steps (log) or `first_share` of the maximum (sigmoid).
  double first_bias() const {
    if (settings_.form == "log") {
      const double top = std::log(max_span_), below = kSoftness * (top - std::log(settings_.first_span));
      return top - std::log(std::expm1(below)) / kSoftness;
    }
    return divisor() * std::log(settings_.first_share / (1 - settings_.first_share));
  }

  ExpireSpanSettings settings_;
  double max_span_;
  torch::Tensor weight_, bias_;
};

}  // namespace

std::shared_ptr<Retention> make_expire_span(const Settings& settings) {
  return std::make_shared<ExpireSpan>(settings.memory, settings.expire_span);
}

}  // namespace wane
