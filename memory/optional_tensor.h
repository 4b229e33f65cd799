#pragma once
// Tensors that may be absent, on their way through autograd, which wants all of them: an absent one goes empty.

#include <torch/types.h>

namespace wane {

inline torch::Tensor or_empty(const torch::Tensor& tensor, const torch::Tensor& like) {
  return tensor.defined() ? tensor : torch::empty({0}, like.options());
}
inline torch::Tensor or_undefined(const torch::Tensor& tensor) { return tensor.numel() ? tensor : torch::Tensor(); }

}  // namespace wane
