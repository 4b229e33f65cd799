#pragma once
// The encoder on the CPU: the sum of a table's rows that an observation's symbols name. What LibTorch's embedding_bag
// does elsewhere, without sorting the symbols for the gradient.

#include <torch/types.h>

namespace wane {

/// table (rows, D) floats, symbols (n, C) of its rows -> (n, D), with a gradient for the table. Threads change no bit.
torch::Tensor sum_rows(const torch::Tensor& table, const torch::Tensor& symbols);

/// The same without gradients, into `to` (n, D).
void sum_rows_into(const torch::Tensor& table, const std::int64_t* symbols, std::int64_t n, std::int64_t C, float* to);

}  // namespace wane
