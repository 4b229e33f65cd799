// A block of queries of one environment. Gradients by hand; derivation, with g = d loss / d out_t and D_i = g . v_i,
// delta = sum_j w_j D_j:
//   d/d v_i = w_i g     d/d l_i = w_i (D_i - delta)     d/d z = -w_null delta     d/d m_i = exp(l_i)/Z (D_i - delta)
// which is finite at m_i = 0.

#include "memory/fused_block.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <vector>

#include "memory/timed.h"
#include "memory/vector.h"

namespace wane::fused {
namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Rows = Eigen::Map<Matrix<Real>, 0, Eigen::OuterStride<>>;
template <class Real>
using ConstRows = Eigen::Map<const Matrix<Real>, 0, Eigen::OuterStride<>>;

/// One environment's block: who is seen and how well, and the weights of one head at a time. One of these per thread is
/// used again and again, so that its matrices are not allocated anew.
template <class Real>
class Attention {
 public:
  void begin(const Block<Real>& block) {
    block_ = &block;
    n_ = block.slots();
    queries_ = block.who.queries;
    size_ = block.heads.size;
    window_ = block.heads.window;
    see();
    list_runs();
  }

  BlockSums forward(Real* out, Real* need_gradient) {
    BlockSums sums;
    if (block_->log_span) greatest_.setZero(queries_, n_);
    for (int h = 0; h < block_->heads.heads; ++h) {
      weigh(h);
      rows(out, h).noalias() = weights_ * slots(block_->value, h);
      if (block_->log_span) greatest_ = greatest_.cwiseMax(weights_);
      if (block_->need.reach) sums.reach += weights_.cwiseProduct(far_).sum();
    }
    if (block_->log_span) sums.need = sum_need(need_gradient);
    if (block_->span) sums.charge = sum_charge(nullptr, 0);
    return sums;
  }

  void backward(const Real* d_out, Real d_charge, Real d_reach, const BlockGradients<Real>& to) {
    const Heads<Real>& heads = block_->heads;
    const Real scale = 1 / std::sqrt(Real(size_));
    if (to.span) d_mask_.setZero(queries_, n_);
    for (int h = 0; h < heads.heads; ++h) {
      weigh(h);
      const auto g = rows(d_out, h);
      const auto q = rows(block_->query, h);
      d_logits_.noalias() = g * slots(block_->value, h).transpose();
      if (block_->need.reach && d_reach != 0) d_logits_ += d_reach * far_;
      slots(to.value, h).noalias() = weights_.transpose() * g;
      Real d_null = 0, d_slope = 0, d_head = 0;
      for (int t = 0; t < queries_; ++t) {
        Real* const d = d_logits_.row(t).data();
        const Real* const w = weights_.row(t).data();
        Real delta = 0;
#pragma omp simd reduction(+ : delta)
        for (int c = 0; c < n_; ++c) delta += w[c] * d[c];
        d_null -= null_weight(h, t) * delta;
        if (to.span) {
          Real* const d_mask = d_mask_.row(t).data();
          const Real *const e = unmasked_.row(t).data(), share = 1 / total_(t);
#pragma omp simd
          for (int c = 0; c < n_; ++c) d_mask[c] += e[c] * share * (d[c] - delta);  // no rule has spans of both kinds
        }
        if (to.head_span) {
          const Real *const e = unmasked_.row(t).data(), *const ages = age_.row(t).data(), share = 1 / total_(t);
          for (int c = 0; c < n_; ++c) {
            const Real look = heads.ramp.mask(heads.span[h], ages[c]);
            if (look > 0 && look < 1)
              d_head += e[c] * mask_(t, c) * share * (d[c] - delta) * heads.ramp.slope(heads.span[h], ages[c]);
          }
        }
        if (heads.slope) {
          const Real* const log_age = log_age_.row(t).data();
#pragma omp simd reduction(- : d_slope)
          for (int c = 0; c < n_; ++c) d_slope -= w[c] * (d[c] - delta) * log_age[c];
        }
#pragma omp simd
        for (int c = 0; c < n_; ++c) d[c] = w[c] * (d[c] - delta) * scale;
      }
      auto d_query = rows(to.query, h);
      d_query.noalias() = d_logits_ * slots(block_->key, h);
      slots(to.key, h).noalias() = d_logits_.transpose() * q;
      if (window_ > 0) {
        near_.setZero(queries_, window_);
        over_runs([&](int t, int c, int place, int length) {
          for (int i = 0; i < length; ++i) near_(t, place + i) += d_logits_(t, c + i);
        });
        turn_position(h);
        d_query.noalias() += near_ * position_;
        position_.noalias() = near_.transpose() * q;
        Rows<Real>(to.position + std::int64_t(h) * window_ * size_, window_, size_, Eigen::OuterStride<>(size_)) +=
            position_.colwise().reverse();
      }
      if (to.null_logit) to.null_logit[h] += d_null;
      if (to.slope) to.slope[h] += d_slope;
      if (to.head_span) to.head_span[h] += d_head;
    }
    if (!to.span) return;
    sum_charge(to.span, d_charge);
    for (int t = 0; t < queries_; ++t) {
      for (int c = 0; c < n_; ++c) {
        if (fading(t, c)) to.span[c] += d_mask_(t, c) * block_->ramp.slope(block_->span[c], age_(t, c));
      }
    }
  }

 private:
  /// Candidates c..c+length-1 of one query are of ages that fall by one each: they meet learned positions side by side.
  struct Run {
    int first, length;
    std::int64_t birth;  // of the first
  };

  int first_candidate() const { return block_->who.offset[block_->env]; }
  std::int64_t query_index(int t) const { return std::int64_t(block_->env) * queries_ + t; }
  bool fading(int t, int c) const { return mask_(t, c) > 0 && mask_(t, c) < 1; }

  Rows<Real> rows(Real* table, int h) {
    return {table + h * size_, queries_, size_, Eigen::OuterStride<>(block_->heads.width())};
  }
  ConstRows<Real> rows(const Real* table, int h) const {
    return {table + h * size_, queries_, size_, Eigen::OuterStride<>(block_->heads.width())};
  }
  Rows<Real> slots(Real* table, int h) { return {table + h * size_, n_, size_, Eigen::OuterStride<>(block_->stride)}; }
  ConstRows<Real> slots(const Real* table, int h) const {
    return {table + h * size_, n_, size_, Eigen::OuterStride<>(block_->stride)};
  }
  Real null_weight(int h, int t) const {
    const Real* null = block_->heads.null_logit;
    return null ? std::exp(null[h] - top_(t)) / total_(t) : 0;
  }

  /// age_ (Q, n), -1 where invisible; mask_; log_age_ = ln max(1, (1 + age) / slope_from) where a slope wants it;
  /// far_ = ln max(1, (1 + age) / 2).
  void see() {
    const Candidates& who = block_->who;
    age_.resize(queries_, n_);
    mask_.resize(queries_, n_);
    span_.resize(n_);
    ramp_.resize(n_);
    born_.resize(n_);
    const std::int32_t first = first_candidate();
    const std::int64_t base = who.query_step[query_index(0)];  // steps count from here: differences fit in 32 bits
    for (int c = 0; c < n_; ++c) {
      born_[c] = static_cast<std::int32_t>(who.birth[first + c] - base);
      const bool fades = block_->span && !who.stays[first + c];
      span_[c] = fades ? block_->span[c] : Real(1e30);
      ramp_[c] = fades ? block_->ramp.length(block_->span[c]) : 1;
    }
    for (int t = 0; t < queries_; ++t) {
      const auto now = static_cast<std::int32_t>(who.query_step[query_index(t)] - base);
      const std::int32_t episode = who.query_episode[query_index(t)], oldest = who.greatest_age;
      const std::int32_t *const born = born_.data(), *const death = who.death_age.data() + first,
                                *const of = who.episode.data() + first;
      const Real *const span = span_.data(), *const ramp = ramp_.data();
      Real *const ages = age_.row(t).data(), *const masks = mask_.row(t).data();
#pragma omp simd
      for (int c = 0; c < n_; ++c) {
        const std::int32_t age = now - born[c];
        const bool seen = (age >= 0) & (age < death[c]) & (age <= oldest) & (of[c] == episode);
        const Real mask = std::min(Real(1), std::max(Real(0), 1 + (span[c] - Real(age)) / ramp[c]));
        ages[c] = seen ? Real(age) : Real(-1);
        masks[c] = seen ? mask : Real(0);
      }
    }
    const auto log_from = [&](Real from) { return ((age_.array() + 1) / from).max(Real(1)).log(); };
    if (block_->need.reach) far_ = log_from(2);
    if (block_->heads.slope) log_age_ = log_from(block_->heads.slope_from);
  }

  void list_runs() {
    runs_.clear();
    for (int c = 0; c < n_; ++c) {
      if (c == 0 || born_[c] != born_[c - 1] + 1) runs_.push_back({c, 0, born_[c]});
      ++runs_.back().length;
    }
  }

  /// body(t, c, place, length): candidates c.. of query t stand at the places place.. of the turned position table.
  template <class Body>
  void over_runs(const Body& body) const {
    const std::int64_t base = block_->who.query_step[query_index(0)];
    for (int t = 0; t < queries_; ++t) {
      const std::int64_t now = block_->who.query_step[query_index(t)] - base;
      for (const Run& run : runs_) {
        const std::int64_t age = now - run.birth;  // of its first, the oldest
        const std::int64_t from = std::max<std::int64_t>(0, age - window_ + 1),
                           to = std::min<std::int64_t>(run.length - 1, age);
        if (from <= to) body(t, int(run.first + from), int(window_ - 1 - age + from), int(to - from + 1));
      }
    }
  }

  /// position_ (P, d): head h's learned positions, the oldest first as candidates are.
  void turn_position(int h) {
    position_ = ConstRows<Real>(block_->heads.position + std::int64_t(h) * window_ * size_, window_, size_,
                                Eigen::OuterStride<>(size_))
                    .colwise()
                    .reverse();
  }

  /// Head h: weights_ (Q, n), unmasked_ = exp(l - top), top_ and total_ (Z exp(-top)) per query.
  void weigh(int h) {
    const Heads<Real>& heads = block_->heads;
    const auto q = rows(block_->query, h);
    unmasked_.noalias() = q * slots(block_->key, h).transpose();
    if (window_ > 0) {
      turn_position(h);
      near_.noalias() = q * position_.transpose();
      over_runs([&](int t, int c, int place, int length) {
        Real* const logits = &unmasked_(t, c);
        const Real* const near = &near_(t, place);
        for (int i = 0; i < length; ++i) logits[i] += near[i];
      });
    }
    weights_.resize(queries_, n_);
    if (heads.span) look_.resize(n_);
    top_.resize(queries_);
    total_.resize(queries_);
    const Real scale = 1 / std::sqrt(Real(size_)), slope = heads.slope ? heads.slope[h] : 0;
    for (int t = 0; t < queries_; ++t) {
      Real* const logits = unmasked_.row(t).data();
      const Real* const ages = age_.row(t).data();
      if (slope != 0) {
        const Real* const log_age = log_age_.row(t).data();
#pragma omp simd
        for (int c = 0; c < n_; ++c) logits[c] = logits[c] * scale - slope * log_age[c];
      } else {
#pragma omp simd
        for (int c = 0; c < n_; ++c) logits[c] *= scale;
      }
      for (int c = 0; heads.span && c < n_; ++c) {
        look_[c] = mask_(t, c) * heads.ramp.mask(heads.span[h], ages[c]);
        if (look_[c] == 0) logits[c] = Real(kInvisible);
      }
      Real top = heads.null_logit ? heads.null_logit[h] : std::numeric_limits<Real>::lowest();
#pragma omp simd reduction(max : top)
      for (int c = 0; c < n_; ++c) {
        logits[c] = ages[c] < 0 ? Real(kInvisible) : logits[c];
        top = std::max(top, logits[c]);
      }
      exp_of(logits, n_, top);
      const Real* const masks = heads.span ? look_.data() : mask_.row(t).data();
      Real* const weights = weights_.row(t).data();
      Real total = heads.null_logit ? std::exp(heads.null_logit[h] - top) : 0;
#pragma omp simd reduction(+ : total)
      for (int c = 0; c < n_; ++c) {
        weights[c] = logits[c] * masks[c];
        total += weights[c];
      }
      const Real share = 1 / total;
#pragma omp simd
      for (int c = 0; c < n_; ++c) weights[c] *= share;
      top_(t) = top;
      total_(t) = total;
    }
  }

  double sum_need(Real* gradient) {
    double sum = 0;
    for (int t = 0; t < queries_; ++t) {
      const auto slots = (mask_.row(t).array() > 0).count() + (block_->heads.null_logit ? 1 : 0);
      const Real share = block_->need.share(Real(slots));
      const Real* const greatest = greatest_.row(t).data();
      for (int c = 0; c < n_; ++c) {
        const Real above = greatest[c] - share;
        if (above <= 0) continue;
        const Real missing = std::log(Real(block_->need.margin) * age_(t, c) + 1) - block_->log_span[c];
        if (missing <= 0) continue;
        sum += above * above * missing;
        gradient[c] -= above * above;
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
        const Real ramp = block_->ramp.length(block_->span[c]);
        sum += block_->span[c] / ramp;
        if (gradient) gradient[c] += scale / ramp;
      }
    }
    return sum;
  }

  const Block<Real>* block_ = nullptr;
  int n_ = 0, queries_ = 0, size_ = 0, window_ = 0;
  Matrix<Real> age_, log_age_, far_, mask_, weights_, unmasked_, greatest_, d_logits_, d_mask_, near_, position_;
  Eigen::Matrix<Real, Eigen::Dynamic, 1> top_, total_;
  std::vector<Real> span_, ramp_, look_;  // look_: masks of one head and query
  std::vector<std::int32_t> born_;        // steps after the first query, mostly negative
  std::vector<Run> runs_;
};

template <class Real>
Attention<Real>& attention_of(const Block<Real>& block) {
  thread_local Attention<Real> attention;
  attention.begin(block);
  return attention;
}

}  // namespace

template <class Real>
BlockSums block_forward(const Block<Real>& block, Real* out, Real* need_gradient) {
  const Timed timed(Work::attention);
  return attention_of(block).forward(out, need_gradient);
}

template <class Real>
void block_backward(const Block<Real>& block, const Real* d_out, Real d_charge, Real d_reach,
                    const BlockGradients<Real>& to) {
  const Timed timed(Work::attention);
  attention_of(block).backward(d_out, d_charge, d_reach, to);
}

template BlockSums block_forward(const Block<float>&, float*, float*);
template BlockSums block_forward(const Block<double>&, double*, double*);
template void block_backward(const Block<float>&, const float*, float, float, const BlockGradients<float>&);
template void block_backward(const Block<double>&, const double*, double, double, const BlockGradients<double>&);

}  // namespace wane::fused
