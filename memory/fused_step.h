#pragma once
// Attention of one query over the slots of one environment, without gradients: what acting spends its time on.
// Part of the CPU's kernels; Real is float or double.

#include "memory/attention.h"

namespace wane::fused {

inline constexpr double kInvisible = -1e30;  // the logit of a slot that a head does not see

/// What a layer's attention is made of besides slots; null pointers where there is none.
template <class Real>
struct Heads {
  int heads, size, window;         // H, d, P
  const Real* position;            // (H, P, d)
  const Real *null_logit, *slope;  // (H)
  const Real* span;                // (H) steps, or null: heads look at all ages
  Ramp ramp;                       // of heads' spans
  Real slope_from = 1;             // steps
  int width() const { return heads * size; }
};

/// One query and its n slots: slot i stands in row `row[i]` of the tables, whose numbers are Stored: Real, or bfloat16.
template <class Real, class Stored = Real>
struct Query {
  const Heads<Real>& heads;
  const Real* query;              // (D)
  const Stored *key, *value;      // (rows, D)
  int slots;                      // n
  const std::int32_t *row, *age;  // (n); ages in steps
  const Real* mask;               // (n), or null: all 1
  Real* paid;                     // (n), or null: becomes the attention that each slot is paid, summed over heads
};

/// out (D). Reads every slot once, in tiles, with a running softmax (Milakov & Gimelshein 2018).
template <class Real, class Stored>
void step_forward(const Query<Real, Stored>& query, Real* out);

}  // namespace wane::fused
