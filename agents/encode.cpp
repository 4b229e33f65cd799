#include "agents/encode.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>

#include "memory/pool.h"

namespace wane {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext, torch::autograd::variable_list;

constexpr std::int64_t kGrain = 128;              // rows that are worth a second thread
constexpr std::int64_t kGroups = 16;              // sets of gradients, each summed over rows in order
constexpr std::int64_t kMostGradients = 4 << 20;  // numbers in all sets together

class SumRows : public torch::autograd::Function<SumRows> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& table, const Tensor& symbols) {
    context->save_for_backward({table, symbols});
    Tensor sums = torch::empty({symbols.size(0), table.size(1)}, table.options());
    sum_rows_into(table, symbols.const_data_ptr<std::int64_t>(), symbols.size(0), symbols.size(1),
                  sums.data_ptr<float>());
    return sums;
  }

  static variable_list backward(AutogradContext* context, variable_list d) {
    const auto saved = context->get_saved_variables();
    const Tensor g = d[0].contiguous(), &table = saved[0], &symbols = saved[1];
    const std::int64_t n = symbols.size(0), C = symbols.size(1), D = table.size(1);
    const std::int64_t groups =
        std::clamp<std::int64_t>(std::min(kMostGradients / table.numel(), n / kGrain), 1, kGroups);
    const Tensor sets = torch::zeros({groups, table.size(0), D}, table.options());
    const float* const from = g.const_data_ptr<float>();
    const auto* const rows = symbols.const_data_ptr<std::int64_t>();
    float* const to = sets.data_ptr<float>();
    over_pieces(groups, [&](std::int64_t group) {
      float* const set = to + group * table.numel();
      for (std::int64_t i = n * group / groups; i < n * (group + 1) / groups; ++i) {
        for (std::int64_t c = 0; c < C; ++c) {
          float* const row = set + rows[i * C + c] * D;
#pragma omp simd
          for (std::int64_t j = 0; j < D; ++j) row[j] += from[i * D + j];
        }
      }
    });
    return {groups == 1 ? sets[0] : sets.sum(0), Tensor()};
  }
};

}  // namespace

Tensor sum_rows(const Tensor& table, const Tensor& symbols) { return SumRows::apply(table, symbols.contiguous()); }

void sum_rows_into(const Tensor& table, const std::int64_t* symbols, std::int64_t n, std::int64_t C, float* to) {
  const float* const rows = table.const_data_ptr<float>();
  const std::int64_t D = table.size(1);
  over_ranges(n, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      float* const sum = to + i * D;
      std::fill_n(sum, D, 0.f);
      for (std::int64_t c = 0; c < C; ++c) {
        const float* const row = rows + symbols[i * C + c] * D;
#pragma omp simd
        for (std::int64_t j = 0; j < D; ++j) sum[j] += row[j];
      }
    }
  });
}

}  // namespace wane
