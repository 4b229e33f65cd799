#pragma once
// A transformer layer's parameters as its kernels take them.

#include <torch/types.h>

#include <array>

#include "memory/attention.h"
#include "memory/retention.h"

namespace wane {

/// A layer's parameters, by place; undefined where the layer has none.
enum Part {
  kNormWeight,
  kNormBias,  // (D)
  kProject,   // (3D, D) queries, keys, values
  kOutput,    // (D, D)
  kPosition,
  kNull,
  kSlope,  // (H, P, d), (H), (H): see AttentionInput
  kNorm2Weight,
  kNorm2Bias,  // (D)
  kUp,
  kUpBias,  // (F, D), (F)
  kDown,
  kDownBias,  // (D, F), (D)
  kSpanWeight,
  kSpanBias,   // (D), (1)
  kHeadSpans,  // (H) as shares of the rule's longest
  kParts
};
struct LayerParts {
  std::array<torch::Tensor, kParts> tensors;
  const Retention* rule;
  NeedRule need;
  int slope_from;
};

}  // namespace wane
