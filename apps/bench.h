#pragma once
// What the benchmarks share.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace wane {

/// LibTorch's speed at a product of two large matrices of floats, in 10^9 operations per second, with the threads of
/// now.
double sgemm_gflops();

/// Prints every number of `result` as a ratio to that of the JSON file `against` (an earlier run's `--json`). Rows of
/// tables are matched by their place. Throws Error for a file that holds no such JSON.
void print_against(const nlohmann::json& result, const std::string& against);

}  // namespace wane
