#include "memory/fused_layer.h"

#include <algorithm>
#include <cmath>

#include "configs/error.h"
#include "memory/vector.h"

namespace wane::fused {
namespace {

constexpr double kEpsilon = 1e-5;  // LibTorch's default for layer_norm

template <class Real>
using Weights = Eigen::Map<const Matrix<Real>>;
template <class Real>
using Gradient = Eigen::Map<Matrix<Real>>;
template <class Real>
using Row = Eigen::Map<Eigen::Matrix<Real, 1, Eigen::Dynamic>>;
template <class Real>
using ConstRow = Eigen::Map<const Eigen::Matrix<Real, 1, Eigen::Dynamic>>;

/// What backward needs besides the tape; one per thread, used again and again.
template <class Real>
struct Scratch {
  Matrix<Real> d_up, d_n2, d_attended, d_query, d_key_value, d_n;
  Vector1<Real> d_span, d_head_span;
};

template <class Real>
Block<Real> block_of(const Layer<Real>& layer, const Chunk& chunk, const Candidates& who, const Tape<Real>& tape, int i,
                     bool needs) {
  const int D = layer.width(), start = chunk.start(i);
  const Real* const key = tape.key_value.data() + std::int64_t(start) * 2 * D;
  return {who,
          chunk.first + i,
          layer.heads,
          layer.rule.ramp,
          layer.need,
          tape.query.data() + std::int64_t(i) * chunk.steps * D,
          key,
          key + D,
          2 * D,
          layer.spans() ? tape.span.data() + start : nullptr,
          needs ? tape.log_span.data() + start : nullptr};
}

}  // namespace

template <class Real>
Layer<Real>::Layer(const LayerParts& parts) : rule(*parts.rule), need(parts.need) {
  for (int p = 0; p < kParts; ++p) {
    const torch::Tensor& tensor = parts.tensors[p];
    check(!tensor.defined() || (tensor.is_contiguous() && tensor.device().is_cpu()), "fused layers are on the CPU");
    at[p] = tensor.defined() ? tensor.const_data_ptr<Real>() : nullptr;
  }
  const auto shape = parts.tensors[kPosition].sizes();
  if (at[kSlope]) {
    for (int h = 0; h < shape[0]; ++h) slope.push_back(std::max(Real(0), at[kSlope][h]));
  }
  if (at[kHeadSpans]) {
    for (int h = 0; h < shape[0]; ++h)
      head_span.push_back(Real(rule.longest) * std::clamp(at[kHeadSpans][h], Real(0), Real(1)));
  }
  heads = {.heads = int(shape[0]),
           .size = int(shape[2]),
           .window = int(shape[1]),
           .position = at[kPosition],
           .null_logit = at[kNull],
           .slope = slope.empty() ? nullptr : slope.data(),
           .span = head_span.empty() ? nullptr : head_span.data(),
           .ramp = rule.ramp,
           .slope_from = Real(parts.slope_from)};
  inner = static_cast<int>(parts.tensors[kUp].size(0));
}

template <class Real>
void normalise(const Real* h, int rows, int width, const Real* weight, const Real* bias, Real* centred, Real* n,
               Real* scale) {
  for (int r = 0; r < rows; ++r) {
    const Real* const x = h + std::int64_t(r) * width;
    Real *const c = centred + std::int64_t(r) * width, *const y = n + std::int64_t(r) * width;
    Real sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
    for (int j = 0; j < width; ++j) sum += x[j];
    const Real mean = sum / width;
#pragma omp simd reduction(+ : squares)
    for (int j = 0; j < width; ++j) squares += (x[j] - mean) * (x[j] - mean);
    const Real s = 1 / std::sqrt(squares / width + Real(kEpsilon));
    scale[r] = s;
#pragma omp simd
    for (int j = 0; j < width; ++j) {
      c[j] = (x[j] - mean) * s;
      y[j] = c[j] * weight[j] + bias[j];
    }
  }
}

template <class Real>
void normalise_backward(const Matrix<Real>& centred, const Vector1<Real>& scale, const Real* weight, Matrix<Real>& d,
                        Real* d_weight, Real* d_bias) {
  const int width = static_cast<int>(d.cols());
  for (int r = 0; r < d.rows(); ++r) {
    const Real* const c = centred.row(r).data();
    Real* const g = d.row(r).data();
    Real sum = 0, dot = 0;
#pragma omp simd reduction(+ : sum, dot)
    for (int j = 0; j < width; ++j) {
      d_weight[j] += g[j] * c[j];
      d_bias[j] += g[j];
      g[j] *= weight[j];
      sum += g[j];
      dot += g[j] * c[j];
    }
    const Real mean = sum / width, along = dot / width, s = scale[r];
#pragma omp simd
    for (int j = 0; j < width; ++j) g[j] = s * (g[j] - mean - along * c[j]);
  }
}

template <class Real>
void log_spans(const Layer<Real>& layer, const Matrix<Real>& n, Vector1<Real>& u, Vector1<Real>& slope,
               Vector1<Real>* unbounded) {
  u.resize(n.rows());
  slope.resize(n.rows());
  u.noalias() = n * Eigen::Map<const Vector1<Real>>(layer.at[kSpanWeight], n.cols());
  u.array() += layer.at[kSpanBias][0];
  if (unbounded) *unbounded = Real(layer.rule.unbounded_offset) + Real(layer.rule.unbounded_scale) * u.array();
  layer.rule.shape_spans(std::span(u.data(), u.size()), std::span(slope.data(), slope.size()));
}

template <class Real>
void finish(const Layer<Real>& layer, Matrix<Real>& h, Tape<Real>& tape) {
  const int D = layer.width(), F = layer.inner, rows = static_cast<int>(h.rows());
  tape.centred2.resize(rows, D);
  tape.n2.resize(rows, D);
  tape.scale2.resize(rows);
  tape.up.resize(rows, F);
  h.noalias() += tape.attended * Weights<Real>(layer.at[kOutput], D, D).transpose();
  normalise(h.data(), rows, D, layer.at[kNorm2Weight], layer.at[kNorm2Bias], tape.centred2.data(), tape.n2.data(),
            tape.scale2.data());
  tape.up.noalias() = tape.n2 * Weights<Real>(layer.at[kUp], F, D).transpose();
  const Real *const up_bias = layer.at[kUpBias], *const down_bias = layer.at[kDownBias];
  for (int r = 0; r < rows; ++r) {
    Real *const up = tape.up.row(r).data(), *const out = h.row(r).data();
#pragma omp simd
    for (int j = 0; j < F; ++j) up[j] = std::max(Real(0), up[j] + up_bias[j]);
#pragma omp simd
    for (int j = 0; j < D; ++j) out[j] += down_bias[j];
  }
  h.noalias() += tape.up * Weights<Real>(layer.at[kDown], D, F).transpose();
}

template <class Real>
void layer_forward(const Layer<Real>& layer, const Chunk& chunk, const Candidates& who, const Real* past, bool needs,
                   Matrix<Real>& h, Tape<Real>& tape, BlockSums* sums) {
  const int D = layer.width(), T = chunk.steps, rows = chunk.rows();
  const Weights<Real> project(layer.at[kProject], 3 * D, D);
  tape.centred.resize(rows, D);
  tape.n.resize(rows, D);
  tape.scale.resize(rows);
  tape.now.resize(chunk.present(), D);
  tape.query.resize(chunk.present(), D);
  tape.key_value.resize(rows, 2 * D);
  tape.attended.resize(chunk.present(), D);
  const auto norm = [&](const Real* from, int first, int count) {
    normalise(from, count, D, layer.at[kNormWeight], layer.at[kNormBias], tape.centred.row(first).data(),
              tape.n.row(first).data(), tape.scale.data() + first);
  };
  for (int i = 0; i < chunk.envs; ++i) {
    const int start = chunk.start(i), present = start + chunk.past(i);
    if (chunk.past(i)) norm(past + std::int64_t(chunk.offset[chunk.first + i]) * D, start, chunk.past(i));
    norm(h.row(i * T).data(), present, T);
    tape.now.middleRows(i * T, T) = tape.n.middleRows(present, T);
  }
  tape.query.noalias() = tape.now * project.topRows(D).transpose();
  tape.key_value.noalias() = tape.n * project.bottomRows(2 * D).transpose();
  if (layer.spans()) {
    log_spans(layer, tape.n, tape.log_span, tape.slope, &tape.unbounded);
    tape.span = tape.log_span.array().exp();
    tape.need_gradient.setZero(rows);
  }
  for (int i = 0; i < chunk.envs; ++i) {
    const int b = chunk.first + i;
    sums[b] = block_forward(block_of(layer, chunk, who, tape, i, needs), tape.attended.row(i * T).data(),
                            needs ? tape.need_gradient.data() + chunk.start(i) : nullptr);
  }
  finish(layer, h, tape);
}

template <class Real>
void layer_backward(const Layer<Real>& layer, const Chunk& chunk, const Candidates& who,
                    const SpanGradients<Real>& spans, Tape<Real>& tape, Matrix<Real>& d,
                    const PartGradients<Real>& to) {
  thread_local Scratch<Real> s;
  const int D = layer.width(), F = layer.inner, T = chunk.steps, rows = chunk.rows();
  const auto weights = [&](Part part, int out, int in) { return Weights<Real>(layer.at[part], out, in); };
  const auto gradient = [&](Part part, int out, int in) { return Gradient<Real>(to[part], out, in); };

  // h_out = mid + W_2 relu(W_1 n2 + b_1) + b_2,  mid = h + W_o attended
  gradient(kDown, D, F).noalias() += d.transpose() * tape.up;
  Row<Real>(to[kDownBias], D) += d.colwise().sum();
  s.d_up.noalias() = d * weights(kDown, D, F);
  s.d_up.array() *= (tape.up.array() > 0).template cast<Real>();
  gradient(kUp, F, D).noalias() += s.d_up.transpose() * tape.n2;
  Row<Real>(to[kUpBias], F) += s.d_up.colwise().sum();
  s.d_n2.noalias() = s.d_up * weights(kUp, F, D);
  normalise_backward(tape.centred2, tape.scale2, layer.at[kNorm2Weight], s.d_n2, to[kNorm2Weight], to[kNorm2Bias]);
  d += s.d_n2;
  gradient(kOutput, D, D).noalias() += d.transpose() * tape.attended;
  s.d_attended.noalias() = d * weights(kOutput, D, D);

  s.d_query.resize(chunk.present(), D);
  s.d_key_value.resize(rows, 2 * D);
  const bool span_of_policy = spans.learns && spans.through_attention;
  if (layer.spans()) s.d_span.setZero(rows);
  const bool heads_learn = layer.heads.span && spans.learns;
  s.d_head_span.setZero(layer.heads.heads);
  for (int i = 0; i < chunk.envs; ++i) {
    Real* const key = s.d_key_value.row(chunk.start(i)).data();
    block_backward<Real>(
        block_of(layer, chunk, who, tape, i, false), s.d_attended.row(i * T).data(), spans.charge, spans.reach,
        {s.d_query.row(i * T).data(), key, key + D, span_of_policy ? s.d_span.data() + chunk.start(i) : nullptr,
         to[kPosition], to[kNull], to[kSlope], heads_learn ? s.d_head_span.data() : nullptr});
  }
  if (heads_learn) Row<Real>(to[kHeadSpans], layer.heads.heads) += Real(layer.rule.longest) * s.d_head_span.transpose();

  gradient(kProject, 3 * D, D).topRows(D).noalias() += s.d_query.transpose() * tape.now;
  gradient(kProject, 3 * D, D).bottomRows(2 * D).noalias() += s.d_key_value.transpose() * tape.n;
  s.d_n.noalias() = s.d_key_value * weights(kProject, 3 * D, D).bottomRows(2 * D);
  s.d_attended.noalias() = s.d_query * weights(kProject, 3 * D, D).topRows(D);  // of n's present rows
  for (int i = 0; i < chunk.envs; ++i)
    s.d_n.middleRows(chunk.start(i) + chunk.past(i), T) += s.d_attended.middleRows(i * T, T);

  if (layer.spans() && spans.learns) {
    Vector1<Real>& dz = s.d_span;  // of e, then of u = ln e, then of z
    dz.array() *= tape.span.array() * tape.slope.array();
    if (spans.through_attention) s.d_n.noalias() += dz * ConstRow<Real>(layer.at[kSpanWeight], D);
    dz.array() += spans.need * tape.need_gradient.array() * tape.slope.array();  // teaches the spans alone, as do born
    for (int i = 0; spans.born && i < chunk.envs; ++i)
      dz.segment(chunk.start(i) + chunk.past(i), T) +=
          Real(layer.rule.unbounded_scale) *
          Eigen::Map<const Vector1<Real>>(spans.born + std::int64_t(chunk.first + i) * T, T);
    Row<Real>(to[kSpanWeight], D).noalias() += dz.transpose() * tape.n;
    to[kSpanBias][0] += sum_of(dz.data(), dz.size());
  }
  normalise_backward(tape.centred, tape.scale, layer.at[kNormWeight], s.d_n, to[kNormWeight], to[kNormBias]);
  for (int i = 0; i < chunk.envs; ++i) d.middleRows(i * T, T) += s.d_n.middleRows(chunk.start(i) + chunk.past(i), T);
}

#define WANE_INSTANTIATE(Real)                                                                                       \
  template struct Layer<Real>;                                                                                       \
  template void normalise(const Real*, int, int, const Real*, const Real*, Real*, Real*, Real*);                     \
  template void normalise_backward(const Matrix<Real>&, const Vector1<Real>&, const Real*, Matrix<Real>&, Real*,     \
                                   Real*);                                                                           \
  template void log_spans(const Layer<Real>&, const Matrix<Real>&, Vector1<Real>&, Vector1<Real>&, Vector1<Real>*);  \
  template void finish(const Layer<Real>&, Matrix<Real>&, Tape<Real>&);                                              \
  template void layer_forward(const Layer<Real>&, const Chunk&, const Candidates&, const Real*, bool, Matrix<Real>&, \
                              Tape<Real>&, BlockSums*);                                                              \
  template void layer_backward(const Layer<Real>&, const Chunk&, const Candidates&, const SpanGradients<Real>&,      \
                               Tape<Real>&, Matrix<Real>&, const PartGradients<Real>&);
WANE_INSTANTIATE(float)
WANE_INSTANTIATE(double)

}  // namespace wane::fused
