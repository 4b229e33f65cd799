#pragma once
// GTrXL's gate (Parisotto et al. 2020, eq. 4-6): where a layer's output y joins its input x.
//
//   r = sigmoid(W_r y + U_r x)   z = sigmoid(W_z y + U_z x - b)   x + z * (tanh(W_g y + U_g (r * x)) - x)
//
// b starts at 2, so that a layer begins as nearly the identity.

#include <torch/nn/module.h>
#include <torch/types.h>

#include "memory/draw.h"

namespace wane {

class Gate : public torch::nn::Module {
 public:
  Gate(int width, const Draw& draw);
  torch::Tensor join(const torch::Tensor& x, const torch::Tensor& y) const;  // (.., D) each -> (.., D)

 private:
  torch::Tensor of_output_, of_input_, of_reset_, bias_;  // W (3D, D), U_r and U_z (2D, D), U_g (D, D), b (D)
};

}  // namespace wane
