#include "memory/retention.h"

#include "configs/error.h"

namespace wane {

torch::Tensor Retention::log_spans(const torch::Tensor&) const { return {}; }

void Retention::shape_spans(std::span<float>, std::span<float>) const {}
void Retention::shape_spans(std::span<double>, std::span<double>) const {}

bool Retention::stays(double) const { return false; }

std::shared_ptr<Retention> make_retention(const MemorySettings& memory, const ExpireSpanSettings& expire_span) {
  if (memory.kind == "expire_span") return make_expire_span(memory, expire_span);
  if (memory.kind == "transformer_xl") return make_transformer_xl(memory);
  if (memory.kind == "none") return make_none();
  throw Error("memory.kind = " + memory.kind + ": expected expire_span, transformer_xl or none");
}

}  // namespace wane
