#pragma once
// One transformer layer on the CPU, over a chunk of neighbouring environments at a time so that everything stays in
// cache: forward, and backward by hand. `TransformerLayer` with the reference attention says what it must equal.
// Real is float or double.
//
// Rows of a chunk: environment by environment, its past slots, then its T present steps.

#include <c10/util/SmallVector.h>

#include <Eigen/Core>
#include <array>
#include <span>

#include "memory/fused_block.h"
#include "memory/retention.h"
#include "memory/transformer.h"

namespace wane::fused {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Vector1 = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

/// A layer's weights of now.
template <class Real>
struct Layer {
  explicit Layer(const LayerParts& parts);
  Layer(const Layer& other)
      : at(other.at), heads(other.heads), inner(other.inner), slope(other.slope), head_span(other.head_span),
        rule(other.rule), need(other.need) {
    if (heads.slope) heads.slope = slope.data();
    if (heads.span) heads.span = head_span.data();
  }

  std::array<const Real*, kParts> at;  // null where the layer has none
  Heads<Real> heads;                   // its slope bounded below by 0
  int inner;                           // hidden units of the feed-forward layer
  c10::SmallVector<Real, 16> slope, head_span;
  const Retention& rule;
  NeedRule need;

  int width() const { return heads.width(); }
  bool spans() const { return at[kSpanWeight]; }
};

/// Gradients of one layer's parts, to be added to.
template <class Real>
using PartGradients = std::array<Real*, kParts>;

struct Chunk {
  int first, envs, steps;                // environments first .. first+envs-1, T
  std::span<const std::int32_t> offset;  // (B+1), past rows of each environment

  int past(int i) const { return offset[first + i + 1] - offset[first + i]; }
  int start(int i) const { return offset[first + i] - offset[first] + i * steps; }  // of environment first + i
  int rows() const { return offset[first + envs] - offset[first] + envs * steps; }
  int present() const { return envs * steps; }
};

/// What forward leaves for backward.
template <class Real>
struct Tape {
  Matrix<Real> centred, n, now;         // (rows, D) normalised before and after the learned scale; (present, D) n's
  Matrix<Real> query, key_value;        // (present, D), (rows, 2D)
  Matrix<Real> attended;                // (present, D)
  Matrix<Real> centred2, n2, up;        // (present, D), (present, D), (present, F)
  Vector1<Real> scale, scale2;          // 1 / standard deviation of each row
  Vector1<Real> log_span, slope, span;  // (rows): u, du/dz, e = exp(u)
  Vector1<Real> unbounded;              // (rows): u before its upper bound
  Vector1<Real> need_gradient;          // (rows) d need / du
};

/// h (present, D) in and out; past: hidden states of the table's past rows (past, D); sums (B): of each environment.
template <class Real>
void layer_forward(const Layer<Real>& layer, const Chunk& chunk, const Candidates& who, const Real* past, bool needs,
                   Matrix<Real>& h, Tape<Real>& tape, BlockSums* sums);

/// What backward is told about the losses on spans. Null or 0: nobody asks.
template <class Real>
struct SpanGradients {
  bool learns, through_attention;  // do spans learn at all; does the policy's loss (and the charge) reach them, and
                                   // through them what they are read from
  Real need, charge, reach;        // of the sums over queries
  const Real* born;                // (B, T) of ln of the newborns' spans
};

/// d (present, D): the gradient of what forward put out, becomes that of what it was given.
template <class Real>
void layer_backward(const Layer<Real>& layer, const Chunk& chunk, const Candidates& who,
                    const SpanGradients<Real>& spans, Tape<Real>& tape, Matrix<Real>& d, const PartGradients<Real>& to);

/// Layer normalisation of the rows of h: centred = (h - mean) scale, n = centred weight + bias.
template <class Real>
void normalise(const Real* h, int rows, int width, const Real* weight, const Real* bias, Real* centred, Real* n,
               Real* scale);
/// d (rows, D): the gradient of n becomes that of h.
template <class Real>
void normalise_backward(const Matrix<Real>& centred, const Vector1<Real>& scale, const Real* weight, Matrix<Real>& d,
                        Real* d_weight, Real* d_bias);

/// ln of the spans of n's rows: z = w . n + b through the rule's form; `unbounded`, where asked for, before its bound.
template <class Real>
void log_spans(const Layer<Real>& layer, const Matrix<Real>& n, Vector1<Real>& u, Vector1<Real>& slope,
               Vector1<Real>* unbounded = nullptr);

/// After attention: output projection, residuals, feed-forward. h (rows, D) in and out; the tape's later half.
template <class Real>
void finish(const Layer<Real>& layer, Matrix<Real>& h, Tape<Real>& tape);

}  // namespace wane::fused
