#pragma once
// Span attention (expire_span.md §1.4): softmax over the slots that a query can see, times their masks, renormalised.
//
//   w_ti = m_ti exp(l_ti) / (exp(z_h) + sum_j m_tj exp(l_tj))
//   l_ti = (q_t . k_i + q_t . p_age) / sqrt(d) - c_h ln(1 + age)
//
// m_ti is the slot's mask, times the head's where heads have spans.
//
// Three implementations with one meaning: `reference` in plain LibTorch (any device, any precision, gradients by
// autograd), `fused` (CPU; no padding, gradients by hand) and `device` (GPU, the same). They agree within rounding;
// tests/memory/attention_test.cpp holds them to it.
//
// Shapes: B environments, Q queries of each, H heads, d = D/H, R rows of the key and value tables, C candidates.

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "memory/need_rule.h"
#include "memory/span_mask.h"

namespace wane {

/// Who may see whom. Candidates of environment b are [offset[b], offset[b+1]); a query sees a candidate when it is not
/// from its future, of its own episode, alive (age < death_age), and not older than `greatest_age`.
struct Candidates {
  int envs = 0, queries = 0;                          // B, Q
  std::vector<std::int32_t> offset;                   // (B+1)
  std::vector<std::int32_t> row, death_age, episode;  // (C) each; row: where in keys, values and spans it stands
  std::vector<std::int64_t> birth;                    // (C), step counter
  std::vector<std::uint8_t> stays;                    // (C), mask 1 for good
  std::vector<std::int64_t> query_step;               // (B, Q), step counter
  std::vector<std::int32_t> query_episode;            // (B, Q)
  std::int32_t greatest_age = kNever;                 // span dropout hides what is older

  bool visible(std::int64_t q, std::int32_t c) const {
    const std::int64_t age = query_step[q] - birth[c];
    return age >= 0 && age < death_age[c] && age <= greatest_age && episode[c] == query_episode[q];
  }
  std::int32_t age(std::int64_t q, std::int32_t c) const { return static_cast<std::int32_t>(query_step[q] - birth[c]); }
};

/// The same on a GPU, as device_block.h has it.
struct DeviceCandidates {
  int envs = 0, queries = 0;  // B, Q
  std::int32_t most = 0;      // no environment has more
  std::int32_t greatest_age = kNever;
  torch::Tensor first, end;        // (B) int32: candidates of environment b are [first[b], end[b])
  torch::Tensor candidate, stays;  // (C, 4) int32, (C) uint8
  torch::Tensor asker;             // (B, Q, 2) int32
};

/// On `device`, without waiting for it.
DeviceCandidates to_device(const Candidates& who, const torch::Device& device);

struct AttentionInput {
  torch::Tensor query;       // (B, Q, D)
  torch::Tensor key, value;  // (R, D)
  torch::Tensor span;        // (R) steps, or undefined: every mask is 1
  torch::Tensor log_span;    // (R), or undefined: need is not computed; its gradient comes from need alone
  torch::Tensor position;    // (H, P, d), for ages 0..P-1
  torch::Tensor null_logit;  // (H), or undefined: no null slot
  torch::Tensor slope;       // (H), >= 0, or undefined: 0. A logit is less by slope ln max(1, (1 + age) / slope_from)
  torch::Tensor head_span;   // (H) steps, or undefined; a head's look at an age fades like a slot's (adaptive_span)
  Ramp ramp;
  NeedRule need;
  int slope_from = 1;  // steps
};

struct AttentionOutput {
  torch::Tensor out;     // (B, Q, D), before the output projection
  torch::Tensor need;    // scalar, mean over queries of sum_i max(0, a_ti - share)^2 max(0, ln(margin age + 1) - u_i)
  torch::Tensor charge;  // scalar, mean over queries of sum over slots on the ramp of e_i / R_i (expire_span.md §2.3,
                         // without alpha)
  torch::Tensor reach;   // scalar, mean over queries of sum_h sum_i a_hti ln max(1, (1 + age_ti) / 2), the a with their
                         // gradients; 0 or undefined where it is not wanted
  torch::Tensor weights;  // (B, H, Q, most candidates of an environment), reference only
};

AttentionOutput reference_attention(const AttentionInput& in, const Candidates& candidates);

/// CPU, float or double, contiguous. `weights` stays undefined; without gradients and log spans, `need` and `charge` of
/// single queries (acting) do too.
AttentionOutput fused_attention(const AttentionInput& in, const Candidates& candidates);

/// GPU, contiguous, what `device_attends` says yes to. `weights` stays undefined; without gradients, so do sums that
/// nobody asked for. Waits for nothing.
AttentionOutput device_attention(const AttentionInput& in, const DeviceCandidates& candidates);
AttentionOutput device_attention(const AttentionInput& in, const Candidates& candidates);

/// Whether this program has kernels for queries (.., D) of this precision and size (device_block.h).
bool device_attends(const torch::Tensor& query, std::int64_t heads);

}  // namespace wane
