#pragma once
// Span attention on a GPU: kernels for blocks of queries of all environments at once, forward and by hand backward.
// Nothing of size queries x slots is written: backward weighs the slots again, from the logarithm of each query's total
// (Dao et al. 2022). No sum depends on the order in which threads come: the same input gives the same bits.
//
// Nothing of CUDA is needed to include this. All pointers are the device's; everything is enqueued on `stream` and
// returns at once.
// Shapes: B environments, Q queries of each, H heads, d numbers of each, D = H d, C candidates, R rows, P positions.

#include <cstdint>

#include "memory/need_rule.h"
#include "memory/span_mask.h"

namespace wane::device {

template <class Real>
inline constexpr int kGreatestSize = 64;
template <>
inline constexpr int kGreatestSize<double> = 8;  // tests use it, nobody else

/// A warp each; registers allow no more.
constexpr int most_heads(int size) { return size <= 16 ? 16 : 8; }

template <class Real>
constexpr bool fits(int heads, int size) {
  return size <= kGreatestSize<Real> && heads <= most_heads(size);
}

/// Whether this program has the kernels, and they can run on what lies in the current GPU's memory, or, `on_host`, in
/// this machine's (emulated ones); else the functions below throw Error.
bool usable(bool on_host);

/// Steps count from one that an environment's candidates and queries have in common.
struct alignas(16) Candidate {
  std::int32_t row, birth, death_age, episode;
};
struct alignas(8) Asker {
  std::int32_t step, episode;
};

/// The call's input; fields as in AttentionInput and Candidates, null where there is none.
template <class Real>
struct Block {
  int envs, queries, most;          // most candidates of an environment
  int heads, size, window;          // H, d, P
  const std::int32_t *first, *end;  // (B): an environment's candidates are first .. end-1
  const Candidate* candidate;       // (C)
  const std::uint8_t* stays;        // (C)
  const Asker* asker;               // (B, Q)
  std::int32_t greatest_age;
  const Real* query;                           // (B, Q, D)
  const Real *key, *value;                     // (R, D)
  const Real *span, *log_span;                 // (R)
  const Real* near;                            // (H, B, Q, P): the query times each learned position
  const Real *null_logit, *slope, *head_span;  // (H)
  Ramp ramp;
  NeedRule need;
  Real slope_from;
};

/// What forward finds of each query; backward and need are given it again.
template <class Real>
struct Weighed {
  Real* out;        // (B, Q, D)
  Real* log_total;  // (B, Q, H): ln(exp(z) + sum_j m_j exp(l_j))
  Real* reach;      // (B, Q, H): of AttentionOutput::reach; null where it is not wanted
  Real* slots;      // (B, Q): how many of them have a mask over 0; null where need is not wanted
};

template <class Real>
void forward(const Block<Real>& block, const Weighed<Real>& to, void* stream);

/// Of each candidate, summed over the queries (AttentionOutput says of what).
template <class Real>
struct Needed {
  Real *need, *need_gradient;  // (R); rows of candidates alone are written; null where there are no log spans
  Real* charge;                // (R), the same; null where there are no spans
};

template <class Real>
void need(const Block<Real>& block, const Weighed<Real>& weighed, const Needed<Real>& to, void* stream);

/// Written, but for `near`, which is added to. span, null_logit, slope and head_span are null where nobody wants them.
template <class Real>
struct Gradients {
  Real* query;                           // (B, Q, D), but for what comes by way of `near`
  Real* near;                            // (H, B, Q, P)
  Real *null_logit, *slope, *head_span;  // (B, Q, H) each
  Real *key, *value;                     // (R, D); rows of candidates alone
  Real* span;                            // (R); rows of candidates alone
  Real* delta;                           // (B, Q, H), room for what the two halves of backward share
};

/// d_out (B, Q, D); d_charge, d_reach: scalars on the device, gradients of the sums over all queries.
template <class Real>
void backward(const Block<Real>& block, const Weighed<Real>& weighed, const Real* d_out, const Real* d_charge,
              const Real* d_reach, const Gradients<Real>& to, void* stream);

}  // namespace wane::device
