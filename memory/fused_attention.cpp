// Span attention on the CPU: ragged, environment by environment, no padding, gradients by hand (fused_block.cpp). The
// reference says what it must equal.

#include <torch/csrc/autograd/custom_function.h>
#include <torch/torch.h>

#include "memory/fused_call.h"

namespace wane {
namespace {

using fused::Call, fused::Gradients;
using torch::Tensor;

/// What backward needs besides tensors.
struct Saved : torch::CustomClassHolder {
  Candidates who;
  AttentionInput in;  // rules only; its tensors live in the autograd context
};

Tensor or_empty(const Tensor& tensor, const Tensor& like) {
  return tensor.defined() ? tensor : torch::empty({0}, like.options());
}
Tensor or_undefined(const Tensor& tensor) { return tensor.numel() ? tensor : Tensor(); }

/// `once`: one query each, of which nobody will learn; need and charge stay undefined.
template <class Real>
AttentionOutput run_forward(const AttentionInput& in, const Candidates& who, bool once, Tensor& need_gradient) {
  const Call<Real> call(in, who);
  const double pairs = double(who.envs) * who.queries;
  AttentionOutput result{torch::empty_like(in.query), {}, {}, {}};
  std::vector<double> need(who.envs, 0), charge(who.envs, 0);
  need_gradient = torch::zeros({in.log_span.defined() ? in.log_span.size(0) : 0}, in.query.options());
  Real* out = result.out.template data_ptr<Real>();
  Real* gradient = need_gradient.data_ptr<Real>();
  at::parallel_for(0, who.envs, once ? 16 : 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      if (once) {
        fused::step_forward(call, static_cast<int>(b), out);
      } else {
        fused::block_forward(call, static_cast<int>(b), out, need[b], charge[b], gradient);
      }
    }
  });
  if (once) return result;
  const auto mean = [&](const std::vector<double>& sums) {
    double total = 0;
    for (double sum : sums) total += sum;
    return torch::full({}, total / pairs, in.query.options());
  };
  need_gradient /= pairs;
  result.need = mean(need);
  result.charge = mean(charge);
  return result;
}

template <class Real>
torch::autograd::variable_list run_backward(const AttentionInput& in, const Candidates& who, const Tensor& d_out,
                                            Real d_charge) {
  const Call<Real> call(in, who);
  Tensor query = torch::empty_like(in.query), key = torch::zeros_like(in.key), value = torch::zeros_like(in.value);
  Tensor span = in.span.defined() ? torch::zeros_like(in.span) : Tensor();
  const auto options = in.query.options();
  Tensor position = torch::empty({who.envs, call.heads, call.window, call.size}, options);
  Tensor null_logit = torch::zeros({who.envs, call.heads}, options),
         slope = torch::zeros({who.envs, call.heads}, options);
  const Gradients<Real> to{query.data_ptr<Real>(),    key.data_ptr<Real>(),
                           value.data_ptr<Real>(),    span.defined() ? span.data_ptr<Real>() : nullptr,
                           position.data_ptr<Real>(), null_logit.data_ptr<Real>(),
                           slope.data_ptr<Real>()};
  const Real* g = d_out.const_data_ptr<Real>();
  at::parallel_for(0, who.envs, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) fused::block_backward(call, static_cast<int>(b), g, d_charge, to);
  });
  return {query,
          key,
          value,
          span,
          Tensor(),
          position.sum(0),
          in.null_logit.defined() ? null_logit.sum(0) : Tensor(),
          in.slope.defined() ? slope.sum(0) : Tensor()};
}

class FusedAttention : public torch::autograd::Function<FusedAttention> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, Tensor query, Tensor key,
                                                Tensor value, Tensor span, Tensor log_span, Tensor position,
                                                Tensor null_logit, Tensor slope, const AttentionInput& rules,
                                                const Candidates& who) {
    AttentionInput in{query,
                      key,
                      value,
                      or_undefined(span),
                      or_undefined(log_span),
                      position,
                      or_undefined(null_logit),
                      or_undefined(slope),
                      rules.ramp,
                      rules.need};
    Tensor need_gradient;
    const AttentionOutput out = query.scalar_type() == torch::kFloat64
                                    ? run_forward<double>(in, who, false, need_gradient)
                                    : run_forward<float>(in, who, false, need_gradient);
    auto saved = c10::make_intrusive<Saved>();
    saved->who = who;
    saved->in.ramp = rules.ramp;
    saved->in.need = rules.need;
    context->saved_data["saved"] = c10::IValue::make_capsule(std::move(saved));
    context->save_for_backward({query, key, value, span, position, null_logit, slope, need_gradient});
    return {out.out, out.need, out.charge};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list d) {
    const auto saved = c10::static_intrusive_pointer_cast<Saved>(context->saved_data["saved"].toCapsule());
    const auto kept = context->get_saved_variables();
    AttentionInput in{kept[0],
                      kept[1],
                      kept[2],
                      or_undefined(kept[3]),
                      {},
                      kept[4],
                      or_undefined(kept[5]),
                      or_undefined(kept[6]),
                      saved->in.ramp,
                      saved->in.need};
    const double d_charge = d[2].item<double>() / (double(saved->who.envs) * saved->who.queries);
    const Tensor d_out = d[0].contiguous();
    auto to = in.query.scalar_type() == torch::kFloat64
                  ? run_backward<double>(in, saved->who, d_out, d_charge)
                  : run_backward<float>(in, saved->who, d_out, static_cast<float>(d_charge));
    if (kept[7].numel()) to[4] = kept[7] * d[1];
    to.resize(10);  // the rules and the candidates have no gradient
    return to;
  }
};

}  // namespace

AttentionOutput fused_attention(const AttentionInput& in, const Candidates& who) {
  check(in.query.size(0) == who.envs && in.query.size(1) == who.queries, "query is (B, Q, D)");
  if (!torch::GradMode::is_enabled()) {
    const bool once = who.queries == 1 && !in.log_span.defined();
    Tensor unused;
    return in.query.scalar_type() == torch::kFloat64 ? run_forward<double>(in, who, once, unused)
                                                     : run_forward<float>(in, who, once, unused);
  }
  const auto out =
      FusedAttention::apply(in.query, in.key, in.value, or_empty(in.span, in.query), or_empty(in.log_span, in.query),
                            in.position, or_empty(in.null_logit, in.query), or_empty(in.slope, in.query), in, who);
  return {out[0], out[1], out[2], {}};
}

}  // namespace wane
