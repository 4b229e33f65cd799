#pragma once
// Attention of a block of queries of one environment, with gradients by hand. Part of the CPU's kernels; Real is float
// or double. Nothing of size queries x slots is kept between forward and backward: backward weighs the slots again.

#include "memory/attention.h"
#include "memory/fused_step.h"

namespace wane::fused {

/// Environment `env` of `who`: its Q queries, and its n candidates' rows in the order in which `who` lists them.
template <class Real>
struct Block {
  const Candidates& who;
  int env;
  const Heads<Real>& heads;
  Ramp ramp;
  NeedRule need;
  const Real* query;        // (Q, D)
  const Real *key, *value;  // (n, D), row i at i * stride
  std::int64_t stride;
  const Real *span, *log_span;  // (n), or null: see AttentionInput

  int slots() const { return who.offset[env + 1] - who.offset[env]; }
};

/// Where the gradients go, in the inputs' layout. Those of query, key and value are written, the others added to; null
/// pointers where nobody wants them.
template <class Real>
struct BlockGradients {
  Real* query;
  Real *key, *value;  // the block's stride
  Real* span;
  Real *position, *null_logit, *slope;
  Real* head_span;
};

/// Over the block's queries, see AttentionOutput.
struct BlockSums {
  double need = 0, charge = 0, reach = 0;
};

/// out (Q, D); need_gradient (n): d need / d log_span is added to it.
template <class Real>
BlockSums block_forward(const Block<Real>& block, Real* out, Real* need_gradient);

/// d_out (Q, D); d_charge, d_reach: the gradients of this block's sums.
template <class Real>
void block_backward(const Block<Real>& block, const Real* d_out, Real d_charge, Real d_reach,
                    const BlockGradients<Real>& to);

}  // namespace wane::fused
