#include "memory/gate.h"

#include <torch/types.h>

#include <cmath>

namespace wane {

using torch::Tensor;

Gate::Gate(int width, const Draw& draw) {
  const double bound = 1 / std::sqrt(double(width));
  of_output_ = register_parameter("of_output", draw_uniform({3 * width, width}, bound, draw));
  of_input_ = register_parameter("of_input", draw_uniform({2 * width, width}, bound, draw));
  of_reset_ = register_parameter("of_reset", draw_uniform({width, width}, bound, draw));
  bias_ = register_parameter("bias", torch::full({width}, 2.0));
}

Tensor Gate::join(const Tensor& x, const Tensor& y) const {
  const auto from_y = torch::matmul(torch::relu(y), of_output_.t()).chunk(3, -1);  // the paper's y has passed a ReLU
  const auto from_x = torch::matmul(x, of_input_.t()).chunk(2, -1);
  const Tensor r = torch::sigmoid(from_y[0] + from_x[0]), z = torch::sigmoid(from_y[1] + from_x[1] - bias_);
  return x + z * (torch::tanh(from_y[2] + torch::matmul(r * x, of_reset_.t())) - x);
}

}  // namespace wane
