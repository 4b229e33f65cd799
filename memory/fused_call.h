#pragma once
// Between the files of the fused attention: what one call computes on, and the pieces that compute one environment of
// it. Real is float or double; nothing of this is for others.

#include "configs/error.h"
#include "memory/attention.h"

namespace wane::fused {

/// The call's shapes and raw pointers; pointers of what is not there are null.
template <class Real>
struct Call {
  const Candidates& who;
  Ramp ramp;
  NeedRule need;
  int heads, size, window, width;  // H, d, P, D
  const Real *query, *key, *value, *span, *log_span, *position, *null_logit, *slope;

  Call(const AttentionInput& in, const Candidates& candidates)
      : who(candidates), ramp(in.ramp), need(in.need), heads(in.position.size(0)), size(in.position.size(2)),
        window(in.position.size(1)), width(heads * size), query(at(in.query)), key(at(in.key)), value(at(in.value)),
        span(at(in.span)), log_span(at(in.log_span)), position(at(in.position)), null_logit(at(in.null_logit)),
        slope(at(in.slope)) {}

  static const Real* at(const torch::Tensor& tensor) {
    if (!tensor.defined()) return nullptr;
    check(tensor.is_contiguous() && tensor.device().is_cpu(), "fused attention takes contiguous CPU tensors");
    return tensor.const_data_ptr<Real>();
  }
  int slots(int b) const { return who.offset[b + 1] - who.offset[b]; }
};

/// Gradients, in the layout of the inputs; those of parameters shared by all environments are per environment, to be
/// summed in a fixed order, so that the number of threads changes no bit.
template <class Real>
struct Gradients {
  Real *query, *key, *value, *span;
  Real *position, *null_logit, *slope;  // (B, H P d), (B, H), (B, H)
};

/// A block of queries of environment b: out (B, Q, D); need and charge are this environment's sums; need_gradient (R)
/// is d need / d log_span, or null.
template <class Real>
void block_forward(const Call<Real>& call, int b, Real* out, double& need, double& charge, Real* need_gradient);

/// d_out (B, Q, D), d_charge the gradient of this environment's charge.
template <class Real>
void block_backward(const Call<Real>& call, int b, const Real* d_out, Real d_charge, const Gradients<Real>& to);

/// One query of environment b and no gradients, straight from the tables: what acting spends its time on. out (B, 1,
/// D).
template <class Real>
void step_forward(const Call<Real>& call, int b, Real* out);

}  // namespace wane::fused
