// No memory: the same blocks over the present step alone. The control for every claim that a memory was needed.

#include "memory/retention.h"

namespace wane {
namespace {

class None : public Retention {
 public:
  Lifetime lifetime() const override { return {.death = 1}; }
};

}  // namespace

std::shared_ptr<Retention> make_none() { return std::make_shared<None>(); }

}  // namespace wane
