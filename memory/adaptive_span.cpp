// Adaptive-Span (Sukhbaatar et al. 2019): every head learns one span for all slots, and a slot goes when the widest
// head lets it go. Head h looks at age a with mask clamp(1 + (z_h - a) / R, 0, 1), z_h = L clamp(share_h, 0, 1); the
// price is the mean of the spans.

#include <torch/types.h>

#include <algorithm>

#include "memory/retention.h"

namespace wane {
namespace {

class AdaptiveSpan : public Retention {
 public:
  explicit AdaptiveSpan(const Settings& settings) {
    longest = settings.memory.max_span;
    ramp.steps = settings.adaptive_span.ramp;
    share_ =
        register_parameter("share", torch::full({settings.memory.heads}, settings.adaptive_span.first_span / longest));
  }

  /// The clamp lets gradients through beyond its ends: a head could never come back from them else.
  torch::Tensor head_spans() const override {
    return longest * (share_ + (torch::clamp(share_, 0, 1) - share_).detach());
  }

  /// A slot goes when the widest head lets it go, and begins to fade when the narrowest does. No operators on a CPU.
  Lifetime lifetime() const override {
    const torch::Tensor host = share_.cpu();  // the parameter itself where that is on the CPU
    double least = longest, most = 0;
    AT_DISPATCH_FLOATING_TYPES(host.scalar_type(), "ends", [&] {
      for (std::int64_t h = 0; h < host.numel(); ++h) {
        const double span = longest * std::clamp(double(host.const_data_ptr<scalar_t>()[h]), 0.0, 1.0);
        least = std::min(least, span);
        most = std::max(most, span);
      }
    });
    return {.death = ramp.death_age(most), .fade = static_cast<std::int32_t>(least) + 1};
  }

 private:
  torch::Tensor share_;
};

}  // namespace

std::shared_ptr<Retention> make_adaptive_span(const Settings& settings) {
  return std::make_shared<AdaptiveSpan>(settings);
}

}  // namespace wane
