// A block of queries of one environment. Gradients by hand; derivation, with g = d loss / d out_t and D_i = g . v_i,
// delta = sum_j w_j D_j:
//   d/d v_i = w_i g     d/d l_i = w_i (D_i - delta)     d/d z = -w_null delta     d/d m_i = exp(l_i)/Z (D_i - delta)
// which is finite at m_i = 0.

#include <Eigen/Core>

#include "memory/fused_call.h"

namespace wane::fused {
namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Rows = Eigen::Map<Matrix<Real>, 0, Eigen::OuterStride<>>;  // every head's columns of a (rows, D) table
template <class Real>
using ConstRows = Eigen::Map<const Matrix<Real>, 0, Eigen::OuterStride<>>;

/// One environment's block: its candidates' keys and values side by side, its masks, and the weights of one head at a
/// time.
template <class Real>
class Environment {
 public:
  Environment(const Call<Real>& call, int b)
      : call_(call), b_(b), first_(call.who.offset[b]), n_(call.slots(b)), queries_(call.who.queries),
        keys_(n_, call.width), values_(n_, call.width), mask_(queries_, n_), age_(queries_, n_), top_(queries_),
        total_(queries_) {
    for (int c = 0; c < n_; ++c) {
      const std::int64_t row = call.who.row[first_ + c];
      keys_.row(c) = Eigen::Map<const Eigen::Matrix<Real, 1, Eigen::Dynamic>>(call.key + row * call.width, call.width);
      values_.row(c) =
          Eigen::Map<const Eigen::Matrix<Real, 1, Eigen::Dynamic>>(call.value + row * call.width, call.width);
    }
    for (int t = 0; t < queries_; ++t) {
      for (int c = 0; c < n_; ++c) {
        const std::int32_t i = first_ + c;
        const bool seen = call.who.visible(query_index(t), i);
        age_(t, c) = seen ? call.who.age(query_index(t), i) : -1;
        mask_(t, c) = !seen ? 0 : call.span && !call.who.stays[i] ? call.ramp.mask(span(c), Real(age_(t, c))) : 1;
      }
    }
  }

  void forward(Real* out, double& need, double& charge, Real* need_gradient) {
    Matrix<Real> greatest = Matrix<Real>::Zero(queries_, n_);
    for (int h = 0; h < call_.heads; ++h) {
      weigh(h);
      head(out, h).noalias() = weights_ * head(values_, h);
      if (call_.log_span) greatest = greatest.cwiseMax(weights_);
    }
    if (call_.log_span) need = sum_need(greatest, need_gradient);
    if (call_.span) charge = sum_charge(nullptr, 0);
  }

  void backward(const Real* d_out, Real d_charge, const Gradients<Real>& to) {
    Matrix<Real> d_keys = Matrix<Real>::Zero(n_, call_.width), d_values = d_keys,
                 d_mask = Matrix<Real>::Zero(queries_, n_);
    Matrix<Real> d_logits(queries_, n_), by_age(queries_, call_.window);
    const Real scale = 1 / std::sqrt(Real(call_.size));
    for (int h = 0; h < call_.heads; ++h) {
      weigh(h);
      const auto g = head(d_out, h);
      const auto q = head(call_.query, h);
      d_logits.noalias() = g * head(values_, h).transpose();
      head(d_values, h).noalias() = weights_.transpose() * g;
      by_age.setZero();
      Real d_null = 0, d_slope = 0;
      for (int t = 0; t < queries_; ++t) {
        const Real delta = weights_.row(t).dot(d_logits.row(t));
        d_null -= null_weight(h, t) * delta;
        for (int c = 0; c < n_; ++c) {
          const Real change = d_logits(t, c) - delta;
          d_mask(t, c) += unmasked_(t, c) / total_(t) * change;
          const Real d_logit = weights_(t, c) * change;
          if (call_.slope && d_logit != 0) d_slope -= d_logit * std::log1p(Real(age_(t, c)));
          d_logits(t, c) = d_logit * scale;
          if (age_(t, c) >= 0 && age_(t, c) < call_.window) by_age(t, age_(t, c)) += d_logits(t, c);
        }
      }
      auto d_query = head(to.query, h);
      d_query.noalias() = d_logits * head(keys_, h);
      d_query.noalias() += by_age * position(call_.position, h);
      head(d_keys, h).noalias() = d_logits.transpose() * q;
      Eigen::Map<Matrix<Real>>(to.position + (std::int64_t(b_) * call_.heads + h) * call_.window * call_.size,
                               call_.window, call_.size)
          .noalias() = by_age.transpose() * q;
      if (call_.null_logit) to.null_logit[b_ * call_.heads + h] = d_null;
      if (call_.slope) to.slope[b_ * call_.heads + h] = d_slope;
    }
    for (int c = 0; c < n_; ++c) {  // a row belongs to one environment: nobody else writes here
      const std::int64_t row = call_.who.row[first_ + c];
      for (int j = 0; j < call_.width; ++j) {
        to.key[row * call_.width + j] = d_keys(c, j);
        to.value[row * call_.width + j] = d_values(c, j);
      }
    }
    if (!call_.span) return;
    sum_charge(to.span, d_charge);
    for (int t = 0; t < queries_; ++t) {
      for (int c = 0; c < n_; ++c) {
        if (fading(t, c))
          to.span[call_.who.row[first_ + c]] += d_mask(t, c) * call_.ramp.slope(span(c), Real(age_(t, c)));
      }
    }
  }

 private:
  std::int64_t query_index(int t) const { return std::int64_t(b_) * queries_ + t; }
  Real span(int c) const { return call_.span[call_.who.row[first_ + c]]; }
  bool fading(int t, int c) const { return mask_(t, c) > 0 && mask_(t, c) < 1; }

  auto head(Matrix<Real>& table, int h) { return table.middleCols(h * call_.size, call_.size); }
  Rows<Real> head(Real* table, int h) {
    return {table + query_index(0) * call_.width + h * call_.size, queries_, call_.size,
            Eigen::OuterStride<>(call_.width)};
  }
  ConstRows<Real> head(const Real* table, int h) {
    return {table + query_index(0) * call_.width + h * call_.size, queries_, call_.size,
            Eigen::OuterStride<>(call_.width)};
  }
  Eigen::Map<const Matrix<Real>> position(const Real* table, int h) const {
    return {table + std::int64_t(h) * call_.window * call_.size, call_.window, call_.size};
  }
  Real null_weight(int h, int t) const {
    return call_.null_logit ? std::exp(call_.null_logit[h] - top_(t)) / total_(t) : 0;
  }

  /// Head h: weights_ (Q, n), unmasked_ = exp(l - top), top_ and total_ (Z exp(-top)) per query.
  void weigh(int h) {
    const auto q = head(call_.query, h);
    unmasked_.noalias() = q * head(keys_, h).transpose();
    const Matrix<Real> near = q * position(call_.position, h).transpose();  // (Q, P)
    const Real scale = 1 / std::sqrt(Real(call_.size)), slope = call_.slope ? call_.slope[h] : 0;
    for (int t = 0; t < queries_; ++t) {
      Real top = call_.null_logit ? call_.null_logit[h] : std::numeric_limits<Real>::lowest();
      for (int c = 0; c < n_; ++c) {
        const std::int32_t age = age_(t, c);
        Real& logit = unmasked_(t, c);
        if (age < 0) {
          logit = -1e30;
          continue;
        }
        if (age < call_.window) logit += near(t, age);
        logit *= scale;
        if (slope != 0) logit -= slope * std::log1p(Real(age));
        top = std::max(top, logit);
      }
      top_(t) = top;
    }
    unmasked_ = (unmasked_.colwise() - top_).array().exp();
    weights_ = unmasked_.cwiseProduct(mask_);
    total_ = weights_.rowwise().sum();
    if (call_.null_logit) total_.array() += (call_.null_logit[h] - top_.array()).exp();
    weights_.array().colwise() /= total_.array();
  }

  double sum_need(const Matrix<Real>& greatest, Real* gradient) {
    double sum = 0;
    for (int t = 0; t < queries_; ++t) {
      const auto slots = (mask_.row(t).array() > 0).count() + (call_.null_logit ? 1 : 0);
      const Real share = call_.need.even_share / slots;
      for (int c = 0; c < n_; ++c) {
        const Real above = greatest(t, c) - share;
        if (above <= 0) continue;
        const std::int64_t row = call_.who.row[first_ + c];
        const Real missing = std::log(Real(call_.need.margin) * age_(t, c) + 1) - call_.log_span[row];
        if (missing <= 0) continue;
        sum += above * above * missing;
        gradient[row] -= above * above;
      }
    }
    return sum;
  }

  /// Sum over slots on the ramp of e / R, R held fixed; with `gradient`, adds `scale` times its gradient instead.
  double sum_charge(Real* gradient, Real scale) {
    double sum = 0;
    for (int t = 0; t < queries_; ++t) {
      for (int c = 0; c < n_; ++c) {
        if (!fading(t, c)) continue;
        const Real ramp = call_.ramp.length(span(c));
        sum += span(c) / ramp;
        if (gradient) gradient[call_.who.row[first_ + c]] += scale / ramp;
      }
    }
    return sum;
  }

  const Call<Real>& call_;
  int b_, first_, n_, queries_;
  Matrix<Real> keys_, values_, mask_, weights_, unmasked_;
  Matrix<std::int32_t> age_;  // -1 where invisible
  Eigen::Matrix<Real, Eigen::Dynamic, 1> top_, total_;
};

}  // namespace

template <class Real>
void block_forward(const Call<Real>& call, int b, Real* out, double& need, double& charge, Real* need_gradient) {
  Environment<Real>(call, b).forward(out, need, charge, need_gradient);
}

template <class Real>
void block_backward(const Call<Real>& call, int b, const Real* d_out, Real d_charge, const Gradients<Real>& to) {
  Environment<Real>(call, b).backward(d_out, d_charge, to);
}

template void block_forward(const Call<float>&, int, float*, double&, double&, float*);
template void block_forward(const Call<double>&, int, double*, double&, double&, double*);
template void block_backward(const Call<float>&, int, const float*, float, const Gradients<float>&);
template void block_backward(const Call<double>&, int, const double*, double, const Gradients<double>&);

}  // namespace wane::fused
