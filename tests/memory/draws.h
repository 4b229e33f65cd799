#pragma once
// Random inputs of tests, from a counter-based generator: a case that fails is the same case everywhere.

#include <torch/types.h>

#include "envs/rng.h"

namespace wane {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : rng_(seed, Purpose::test) {}

  int whole(int lo, int hi) { return rng_.uniform(Range<int>{lo, hi}); }  // both included
  double real(double lo = 0, double hi = 1) { return lo + (hi - lo) * rng_.uniform01(); }
  bool chance(double probability) { return real() < probability; }

  /// Double precision, uniform in [lo, hi).
  torch::Tensor tensor(torch::IntArrayRef shape, double lo = -1, double hi = 1) {
    torch::Tensor drawn = torch::empty(shape, torch::kFloat64);
    auto* at = drawn.data_ptr<double>();
    for (std::int64_t i = 0; i < drawn.numel(); ++i) at[i] = real(lo, hi);
    return drawn;
  }

 private:
  Rng rng_;
};

/// The greatest difference of two tensors, as a share of 1 + the greatest entry.
inline double difference(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.numel() == 0) return 0;
  const torch::Tensor x = a.detach().to(torch::kFloat64), y = b.detach().to(torch::kFloat64);
  return (x - y).abs().max().item<double>() / (1 + y.abs().max().item<double>());
}

}  // namespace wane
