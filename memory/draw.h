#pragma once
// Initial weights from a stream that the caller owns: nothing here knows a hidden generator.

#include <torch/types.h>

#include <functional>

namespace wane {

/// The next uniform number in [0, 1).
using Draw = std::function<double()>;

/// Uniform in [-bound, bound), single precision.
inline torch::Tensor draw_uniform(torch::IntArrayRef shape, double bound, const Draw& draw) {
  torch::Tensor tensor = torch::empty(shape, torch::kFloat64);
  auto* at = tensor.data_ptr<double>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) at[i] = bound * (2 * draw() - 1);
  return tensor.to(torch::kFloat32);
}

}  // namespace wane
