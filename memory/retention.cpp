#include "memory/retention.h"

#include "configs/error.h"

namespace wane {

torch::Tensor Retention::log_spans(const torch::Tensor&) const { return {}; }

torch::Tensor Retention::unbounded_log_spans(const torch::Tensor&) const { return {}; }

void Retention::shape_spans(std::span<float>, std::span<float>) const {}
void Retention::shape_spans(std::span<double>, std::span<double>) const {}

torch::Tensor Retention::head_spans() const { return {}; }

Pooling Retention::pooling() const { return {}; }

std::shared_ptr<Retention> make_retention(const Settings& settings) {
  const std::string& kind = settings.memory.kind;
  if (kind == "expire_span") return make_expire_span(settings);
  if (kind == "transformer_xl") return make_transformer_xl(settings);
  if (kind == "adaptive_span") return make_adaptive_span(settings);
  if (kind == "compressive") return make_compressive(settings);
  if (kind == "none") return make_none();
  throw Error("memory.kind = " + kind + ": expected expire_span, transformer_xl, adaptive_span, compressive or none");
}

}  // namespace wane
