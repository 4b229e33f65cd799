#pragma once
// Random inputs for span attention, and the formula of expire_span.md §1.4 as plain loops.

#include <string>
#include <utility>
#include <vector>

#include "memory/attention.h"

namespace wane {

/// What a random case contains; everything else is drawn: shapes, ragged pasts, episodes, dead slots, unused rows,
/// slots that stay, and the order of rows.
struct CaseOptions {
  int queries = 4;
  int heads = 0, size = 0;  // 0: drawn
  int past = 12;            // the most slots from before the queries; more live longer
  bool spans = true, need = true, null_slot = true, slope = true;
  double ramp = 3;  // steps, 0 = proportional
  double least_share = 0;
  bool dropout = false, head_spans = false, reach = false;
};

struct AttentionCase {
  AttentionInput in;  // leaves that want gradients
  Candidates who;
};

/// In double precision.
AttentionCase random_case(std::uint64_t seed, const CaseOptions& options);

/// The defined tensors of `in`, by name.
std::vector<std::pair<std::string, torch::Tensor*>> tensors_of(AttentionInput& in);

using Attend = AttentionOutput (*)(const AttentionInput&, const Candidates&);

struct AttentionResult {
  AttentionOutput output;
  std::vector<std::string> names;
  std::vector<torch::Tensor> gradients;  // of what is named
};

/// What attention puts out, and the gradients of a loss that touches all of it. `of_spans`: whether spans want the
/// gradients of masks, as they do not where usage alone teaches them.
AttentionResult run_attention(Attend attend, const AttentionCase& from, torch::ScalarType precision,
                              bool of_spans = true, torch::Device device = torch::kCPU);

/// Every combination of options worth a case.
std::vector<CaseOptions> option_grid();

/// In double precision, without gradients. `need` and `charge` are defined where the spans are.
AttentionOutput naive_attention(const AttentionInput& in, const Candidates& who);

}  // namespace wane
