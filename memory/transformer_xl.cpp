// Transformer-XL as a rule: everything is kept for `max_span` steps, own step included, and nothing longer.

#include "memory/retention.h"

namespace wane {
namespace {

class TransformerXl : public Retention {
 public:
  explicit TransformerXl(int max_span) : max_span_(max_span) {}

  Lifetime lifetime() const override { return {.death = max_span_}; }

 private:
  std::int32_t max_span_;
};

}  // namespace

std::shared_ptr<Retention> make_transformer_xl(const Settings& settings) {
  return std::make_shared<TransformerXl>(settings.memory.max_span);
}

}  // namespace wane
