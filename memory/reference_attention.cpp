// Span attention in plain LibTorch: candidates padded to the longest environment, gradients by autograd.

#include <torch/types.h>

#include "configs/error.h"
#include "memory/attention.h"

namespace wane {
namespace {

using torch::Tensor;

struct Padded {
  Tensor row;      // (B, C) int64, 0 where there is no candidate
  Tensor age;      // (B, Q, C), 0 where invisible
  Tensor visible;  // (B, Q, C) 0 or 1
  Tensor stays;    // (B, 1, C) bool
};

Padded pad(const Candidates& c, const torch::TensorOptions& options) {
  std::int64_t most = 1;
  for (int b = 0; b < c.envs; ++b) most = std::max<std::int64_t>(most, c.offset[b + 1] - c.offset[b]);
  Tensor row = torch::zeros({c.envs, most}, torch::kInt64), stays = torch::zeros({c.envs, 1, most}, torch::kBool);
  Tensor age = torch::zeros({c.envs, c.queries, most}, torch::kFloat64), visible = torch::zeros_like(age);
  auto row_at = row.accessor<std::int64_t, 2>();
  auto stays_at = stays.accessor<bool, 3>();
  auto age_at = age.accessor<double, 3>(), visible_at = visible.accessor<double, 3>();
  for (int b = 0; b < c.envs; ++b) {
    for (std::int32_t i = c.offset[b]; i < c.offset[b + 1]; ++i) {
      const std::int64_t at = i - c.offset[b];
      row_at[b][at] = c.row[i];
      stays_at[b][0][at] = c.stays[i] != 0;
      for (int t = 0; t < c.queries; ++t) {
        const std::int64_t q = std::int64_t(b) * c.queries + t;
        if (!c.visible(q, i)) continue;
        age_at[b][t][at] = c.age(q, i);
        visible_at[b][t][at] = 1;
      }
    }
  }
  return {row.to(options.device()), age.to(options), visible.to(options), stays.to(options.device())};
}

}  // namespace

AttentionOutput reference_attention(const AttentionInput& in, const Candidates& candidates) {
  const auto B = in.query.size(0), Q = in.query.size(1), H = in.position.size(0), P = in.position.size(1),
             d = in.position.size(2);
  check(B == candidates.envs && Q == candidates.queries && in.query.size(2) == H * d, "query is (B, Q, H d)");
  const Padded at = pad(candidates, in.query.options());
  const auto C = at.row.size(1);
  const auto gather = [&](const Tensor& table) {
    return table.index_select(0, at.row.flatten()).view({B, C, H, d}).permute({0, 2, 1, 3});  // (B, H, C, d)
  };

  const Tensor q = in.query.view({B, Q, H, d}).permute({0, 2, 1, 3});  // (B, H, Q, d)
  const Tensor near = torch::matmul(q, in.position.transpose(1, 2));   // (B, H, Q, P)
  const Tensor slot_age = at.age.clamp_max(P - 1).to(torch::kInt64).unsqueeze(1).expand({B, H, Q, C});
  Tensor logits =
      torch::matmul(q, gather(in.key).transpose(-1, -2)) + near.gather(3, slot_age) * (at.age < P).unsqueeze(1);
  logits = logits / std::sqrt(double(d));  // (B, H, Q, C)
  const auto log_from = [&](double from) { return ((at.age + 1) / from).clamp_min(1).log().unsqueeze(1); };
  if (in.slope.defined()) logits = logits - in.slope.view({1, H, 1, 1}) * log_from(in.slope_from);

  Tensor mask = at.visible, span;  // (B, Q, C)
  if (in.span.defined()) {
    span = in.span.index_select(0, at.row.flatten()).view({B, 1, C});
    const Tensor ramp = in.ramp.steps > 0 ? torch::full_like(span, in.ramp.steps) : span / 4 + 2;
    const Tensor falling = 1 + (span - at.age) / ramp;  // no gradient at its ends either, where a clamp's would be 1
    const Tensor ended = torch::where(falling > 0, falling, 0);
    mask = torch::where(at.stays.logical_or(falling >= 1), 1, ended) * at.visible;
  }

  Tensor head_mask = torch::ones({1, 1, 1, 1}, in.query.options());
  if (in.head_span.defined()) {
    const Tensor z = in.head_span.view({1, H, 1, 1});
    const Tensor falling =
        1 + (z - at.age.unsqueeze(1)) / (in.ramp.steps > 0 ? torch::full_like(z, in.ramp.steps) : z / 4 + 2);
    head_mask = torch::where(falling >= 1, 1, torch::where(falling > 0, falling, 0));
  }
  const Tensor full_mask = mask.unsqueeze(1) * head_mask;  // (B, H, Q, C)
  logits = logits.masked_fill((at.visible.unsqueeze(1) * head_mask) == 0, -1e30);

  Tensor top = std::get<0>(logits.detach().max(-1, true));  // (B, H, Q, 1)
  Tensor null = torch::zeros_like(top);
  if (in.null_logit.defined()) {
    const Tensor z = in.null_logit.view({1, H, 1, 1});
    top = torch::maximum(top, z.detach());
    null = torch::exp(z - top);
  }
  const Tensor weighed = torch::exp(logits - top) * full_mask;      // product form: no logarithm of a mask
  const Tensor weights = weighed / (weighed.sum(-1, true) + null);  // (B, H, Q, C)
  AttentionOutput result;
  result.out = torch::matmul(weights, gather(in.value)).permute({0, 2, 1, 3}).reshape({B, Q, H * d});
  result.weights = weights.detach();
  if (in.need.reach) result.reach = (weights * log_from(2)).sum() / double(B * Q);

  if (in.log_span.defined()) {
    const Tensor u = in.log_span.index_select(0, at.row.flatten()).view({B, 1, C});
    const Tensor slots = (mask > 0).to(mask).sum(-1, true) + (in.null_logit.defined() ? 1 : 0);  // (B, Q, 1)
    const Tensor share = (in.need.even_share / slots).clamp_min(in.need.least_share);
    const Tensor above = (result.weights.amax(1) - share).clamp_min(0);
    const Tensor missing = (torch::log(in.need.margin * at.age + 1) - u).clamp_min(0);
    result.need = (above * above * missing * at.visible).sum() / double(B * Q);
  }
  if (span.defined()) {
    const Tensor ramp = in.ramp.steps > 0 ? torch::full_like(span, in.ramp.steps) : (span / 4 + 2).detach();
    const Tensor fading = (mask > 0).logical_and(mask < 1);
    result.charge = (fading * (span / ramp)).sum() / double(B * Q);
  }
  return result;
}

}  // namespace wane
