// Span attention on the CPU: ragged, environment by environment, no padding, gradients by hand. The reference says what it
// must equal. Derivation, with g = d loss / d out_t and D_i = g . v_i, delta = sum_j w_j D_j:
//   d/d v_i = w_i g     d/d l_i = w_i (D_i - delta)     d/d z = -w_null delta     d/d m_i = exp(l_i)/Z (D_i - delta)
// which is finite at m_i = 0.

#include <torch/csrc/autograd/custom_function.h>
#include <torch/torch.h>

#include <Eigen/Core>

#include "configs/error.h"
#include "memory/attention.h"

namespace wane {
namespace {

using torch::Tensor;

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Rows = Eigen::Map<Matrix<Real>, 0, Eigen::OuterStride<>>;  // every head's columns of a (rows, D) table
template <class Real>
using ConstRows = Eigen::Map<const Matrix<Real>, 0, Eigen::OuterStride<>>;

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

  static const Real* at(const Tensor& tensor) {
    if (!tensor.defined()) return nullptr;
    check(tensor.is_contiguous() && tensor.device().is_cpu(), "fused attention takes contiguous CPU tensors");
    return tensor.const_data_ptr<Real>();
  }
  int slots(int b) const { return who.offset[b + 1] - who.offset[b]; }
};

/// Gradients, in the layout of the inputs; those of parameters shared by all environments are per environment, to be summed
/// in a fixed order, so that the number of threads changes no bit.
template <class Real>
struct Gradients {
  Real *query, *key, *value, *span;
  Real *position, *null_logit, *slope;  // (B, H P d), (B, H), (B, H)
};

/// One environment's block: its candidates' keys and values side by side, its masks, and the weights of one head at a time.
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
      values_.row(c) = Eigen::Map<const Eigen::Matrix<Real, 1, Eigen::Dynamic>>(call.value + row * call.width, call.width);
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

  /// out (B, Q, D); need and charge are this environment's sums; need_gradient (R) is d need / d log_span, or null.
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

  /// d_out (B, Q, D), d_charge the gradient of this environment's charge.
  void backward(const Real* d_out, Real d_charge, const Gradients<Real>& to) {
    Matrix<Real> d_keys = Matrix<Real>::Zero(n_, call_.width), d_values = d_keys, d_mask = Matrix<Real>::Zero(queries_, n_);
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
      Eigen::Map<Matrix<Real>>(to.position + (std::int64_t(b_) * call_.heads + h) * call_.window * call_.size, call_.window, call_.size)
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
        if (fading(t, c)) to.span[call_.who.row[first_ + c]] += d_mask(t, c) * call_.ramp.slope(span(c), Real(age_(t, c)));
      }
    }
  }

 private:
  std::int64_t query_index(int t) const { return std::int64_t(b_) * queries_ + t; }
  Real span(int c) const { return call_.span[call_.who.row[first_ + c]]; }
  bool fading(int t, int c) const { return mask_(t, c) > 0 && mask_(t, c) < 1; }

  auto head(Matrix<Real>& table, int h) { return table.middleCols(h * call_.size, call_.size); }
  Rows<Real> head(Real* table, int h) {
    return {table + query_index(0) * call_.width + h * call_.size, queries_, call_.size, Eigen::OuterStride<>(call_.width)};
  }
  ConstRows<Real> head(const Real* table, int h) {
    return {table + query_index(0) * call_.width + h * call_.size, queries_, call_.size, Eigen::OuterStride<>(call_.width)};
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

/// One query of each environment and no gradients, straight from the tables: what acting spends its time on.
template <class Real>
void attend_once(const Call<Real>& call, int b, Real* out) {
  const int first = call.who.offset[b], n = call.slots(b), H = call.heads, d = call.size;
  const Real* q = call.query + std::int64_t(b) * call.width;
  const Real scale = 1 / std::sqrt(Real(d));
  thread_local Eigen::Array<Real, Eigen::Dynamic, 1> logits;
  thread_local std::vector<Real> top;
  logits.resize(n * H);
  top.assign(H, std::numeric_limits<Real>::lowest());
  for (int h = 0; call.null_logit && h < H; ++h) top[h] = call.null_logit[h];
  for (int c = 0; c < n; ++c) {
    const Real* k = call.key + std::int64_t(call.who.row[first + c]) * call.width;
    const std::int32_t age = call.who.age(b, first + c);
    const bool seen = call.who.visible(b, first + c);
    for (int h = 0; h < H; ++h) {
      Real sum = 0;
      const Real* p = call.position + (std::int64_t(h) * call.window + age) * d;
      if (seen && age < call.window) {
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; ++j) sum += q[h * d + j] * (k[h * d + j] + p[j]);
      } else if (seen) {
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < d; ++j) sum += q[h * d + j] * k[h * d + j];
      }
      sum *= scale;
      if (call.slope && seen) sum -= call.slope[h] * std::log1p(Real(age));
      logits[c * H + h] = seen ? sum : Real(-1e30);
      if (seen) top[h] = std::max(top[h], sum);
    }
  }
  for (int c = 0; c < n; ++c) {
    for (int h = 0; h < H; ++h) logits[c * H + h] -= top[h];
  }
  logits = logits.exp();
  thread_local std::vector<Real> total;
  total.assign(H, 0);
  for (int h = 0; call.null_logit && h < H; ++h) total[h] = std::exp(call.null_logit[h] - top[h]);
  Real* y = out + std::int64_t(b) * call.width;
  std::fill(y, y + call.width, Real(0));
  for (int c = 0; c < n; ++c) {
    if (!call.who.visible(b, first + c)) continue;
    const std::int64_t row = call.who.row[first + c];
    const bool fades = call.span && !call.who.stays[first + c];
    const Real mask = fades ? call.ramp.mask(call.span[row], Real(call.who.age(b, first + c))) : 1;
    const Real* v = call.value + row * call.width;
    for (int h = 0; h < H; ++h) {
      const Real weight = mask * logits[c * H + h];
      total[h] += weight;
#pragma omp simd
      for (int j = 0; j < d; ++j) y[h * d + j] += weight * v[h * d + j];
    }
  }
  for (int h = 0; h < H; ++h) {
    for (int j = 0; j < d; ++j) y[h * d + j] /= total[h];
  }
}

/// What backward needs besides tensors.
struct Saved : torch::CustomClassHolder {
  Candidates who;
  AttentionInput in;  // rules only; its tensors live in the autograd context
};

Tensor or_empty(const Tensor& tensor, const Tensor& like) { return tensor.defined() ? tensor : torch::empty({0}, like.options()); }
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
        attend_once(call, b, out);
      } else {
        Environment<Real>(call, b).forward(out, need[b], charge[b], gradient);
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
torch::autograd::variable_list run_backward(const AttentionInput& in, const Candidates& who, const Tensor& d_out, Real d_charge) {
  const Call<Real> call(in, who);
  Tensor query = torch::empty_like(in.query), key = torch::zeros_like(in.key), value = torch::zeros_like(in.value);
  Tensor span = in.span.defined() ? torch::zeros_like(in.span) : Tensor();
  const auto options = in.query.options();
  Tensor position = torch::empty({who.envs, call.heads, call.window, call.size}, options);
  Tensor null_logit = torch::zeros({who.envs, call.heads}, options), slope = torch::zeros({who.envs, call.heads}, options);
  const Gradients<Real> to{query.data_ptr<Real>(), key.data_ptr<Real>(), value.data_ptr<Real>(),
                           span.defined() ? span.data_ptr<Real>() : nullptr, position.data_ptr<Real>(),
                           null_logit.data_ptr<Real>(), slope.data_ptr<Real>()};
  const Real* g = d_out.const_data_ptr<Real>();
  at::parallel_for(0, who.envs, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) Environment<Real>(call, b).backward(g, d_charge, to);
  });
  return {query, key, value, span, Tensor(), position.sum(0), in.null_logit.defined() ? null_logit.sum(0) : Tensor(),
          in.slope.defined() ? slope.sum(0) : Tensor()};
}

class FusedAttention : public torch::autograd::Function<FusedAttention> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, Tensor query, Tensor key, Tensor value,
                                                Tensor span, Tensor log_span, Tensor position, Tensor null_logit, Tensor slope,
                                                const AttentionInput& rules, const Candidates& who) {
    AttentionInput in{query, key, value, or_undefined(span), or_undefined(log_span), position, or_undefined(null_logit),
                      or_undefined(slope), rules.ramp, rules.need};
    Tensor need_gradient;
    const AttentionOutput out = query.scalar_type() == torch::kFloat64 ? run_forward<double>(in, who, false, need_gradient)
                                                                       : run_forward<float>(in, who, false, need_gradient);
    auto saved = c10::make_intrusive<Saved>();
    saved->who = who;
    saved->in.ramp = rules.ramp;
    saved->in.need = rules.need;
    context->saved_data["saved"] = c10::IValue::make_capsule(std::move(saved));
    context->save_for_backward({query, key, value, span, position, null_logit, slope, need_gradient});
    return {out.out, out.need, out.charge};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list d) {
    const auto saved = c10::static_intrusive_pointer_cast<Saved>(context->saved_data["saved"].toCapsule());
    const auto kept = context->get_saved_variables();
    AttentionInput in{kept[0], kept[1], kept[2], or_undefined(kept[3]), {}, kept[4], or_undefined(kept[5]), or_undefined(kept[6]),
                      saved->in.ramp, saved->in.need};
    const double d_charge = d[2].item<double>() / (double(saved->who.envs) * saved->who.queries);
    const Tensor d_out = d[0].contiguous();
    auto to = in.query.scalar_type() == torch::kFloat64 ? run_backward<double>(in, saved->who, d_out, d_charge)
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
  const auto out = FusedAttention::apply(in.query, in.key, in.value, or_empty(in.span, in.query), or_empty(in.log_span, in.query),
                                         in.position, or_empty(in.null_logit, in.query), or_empty(in.slope, in.query), in, who);
  return {out[0], out[1], out[2], {}};
}

}  // namespace wane
