// Span attention on the CPU as an operator with gradients: ragged, environment by environment, no padding. What stands
// anywhere in the tables is brought side by side first; the kernels (fused_block.h, fused_step.h) compute. The
// reference says what it must equal.

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "configs/error.h"
#include "memory/fused_block.h"
#include "memory/optional_tensor.h"
#include "memory/pool.h"

namespace wane {
namespace {

using torch::Tensor;

/// The call's shapes and raw pointers; pointers of what is not there are null.
template <class Real>
struct Call {
  const Candidates& who;
  Ramp ramp;
  NeedRule need;
  fused::Heads<Real> heads;
  int width;  // D
  const Real *query, *key, *value, *span, *log_span;

  Call(const AttentionInput& in, const Candidates& candidates)
      : who(candidates), ramp(in.ramp), need(in.need), heads{.heads = int(in.position.size(0)),
                                                             .size = int(in.position.size(2)),
                                                             .window = int(in.position.size(1)),
                                                             .position = at(in.position),
                                                             .null_logit = at(in.null_logit),
                                                             .slope = at(in.slope),
                                                             .span = at(in.head_span),
                                                             .ramp = in.ramp,
                                                             .slope_from = Real(in.slope_from)},
        width(heads.width()), query(at(in.query)), key(at(in.key)), value(at(in.value)), span(at(in.span)),
        log_span(at(in.log_span)) {}

  static const Real* at(const Tensor& tensor) {
    if (!tensor.defined()) return nullptr;
    check(tensor.is_contiguous() && tensor.device().is_cpu(), "fused attention takes contiguous CPU tensors");
    return tensor.const_data_ptr<Real>();
  }
  int slots(int b) const { return who.offset[b + 1] - who.offset[b]; }
  const std::int32_t* rows(int b) const { return who.row.data() + who.offset[b]; }
};

/// An environment's keys and values (n, 2D) and spans (n), side by side; the same place holds their gradients.
template <class Real>
struct Gathered {
  std::vector<Real> key_value, span, log_span;

  void bring(const Call<Real>& call, int b) {
    const int n = call.slots(b), D = call.width;
    key_value.resize(std::size_t(n) * 2 * D);
    span.resize(n);
    log_span.resize(n);
    for (int c = 0; c < n; ++c) {
      const std::int64_t row = call.rows(b)[c];
      std::copy_n(call.key + row * D, D, key_value.data() + std::size_t(c) * 2 * D);
      std::copy_n(call.value + row * D, D, key_value.data() + std::size_t(c) * 2 * D + D);
      if (call.span) span[c] = call.span[row];
      if (call.log_span) log_span[c] = call.log_span[row];
    }
  }

  fused::Block<Real> block(const Call<Real>& call, int b) const {
    return {call.who,
            b,
            call.heads,
            call.ramp,
            call.need,
            call.query + std::int64_t(b) * call.who.queries * call.width,
            key_value.data(),
            key_value.data() + call.width,
            2 * call.width,
            call.span ? span.data() : nullptr,
            call.log_span ? log_span.data() : nullptr};
  }
};

template <class Real>
void query_one(const Call<Real>& call, int b, Real* out) {
  thread_local std::vector<std::int32_t> row, age;
  thread_local std::vector<Real> mask;
  row.clear();
  age.clear();
  mask.clear();
  for (int c = call.who.offset[b]; c < call.who.offset[b + 1]; ++c) {
    if (!call.who.visible(b, c)) continue;
    row.push_back(call.who.row[c]);
    age.push_back(call.who.age(b, c));
    const bool fades = call.span && !call.who.stays[c];
    mask.push_back(fades ? call.ramp.mask(call.span[call.who.row[c]], Real(age.back())) : 1);
  }
  const std::int64_t at = std::int64_t(b) * call.width;
  fused::step_forward<Real, Real>({call.heads, call.query + at, call.key, call.value, int(row.size()), row.data(),
                                   age.data(), mask.data(), nullptr},
                                  out + at);
}

/// What backward needs besides tensors.
struct Saved : torch::CustomClassHolder {
  Candidates who;
  AttentionInput in;  // rules only; its tensors live in the autograd context
  bool learns_spans = false;
};

/// `once`: one query each, of which nobody will learn; need, charge and reach stay undefined.
template <class Real>
AttentionOutput run_forward(const AttentionInput& in, const Candidates& who, bool once, Tensor& need_gradient) {
  const Call<Real> call(in, who);
  const double pairs = double(who.envs) * who.queries;
  AttentionOutput result{torch::empty_like(in.query), {}, {}, {}, {}};
  std::vector<fused::BlockSums> sums(who.envs);
  need_gradient = torch::zeros({in.log_span.defined() ? in.log_span.size(0) : 0}, in.query.options());
  Real* const out = result.out.template data_ptr<Real>();
  Real* const gradient = need_gradient.data_ptr<Real>();
  over_ranges(who.envs, once ? 16 : 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local Gathered<Real> gathered;
    thread_local std::vector<Real> need_of_slot;
    for (int b = int(begin); b < end; ++b) {
      if (once) {
        query_one(call, b, out);
        continue;
      }
      gathered.bring(call, b);
      need_of_slot.assign(call.slots(b), 0);
      sums[b] = fused::block_forward(gathered.block(call, b), out + std::int64_t(b) * who.queries * call.width,
                                     need_of_slot.data());
      if (!call.log_span) continue;
      for (int c = 0; c < call.slots(b); ++c) gradient[call.rows(b)[c]] = need_of_slot[c];
    }
  });
  if (once) return result;
  const auto mean = [&](double fused::BlockSums::*of) {
    double total = 0;
    for (const fused::BlockSums& block : sums) total += block.*of;
    return torch::full({}, total / pairs, in.query.options());
  };
  need_gradient /= pairs;
  result.need = mean(&fused::BlockSums::need);
  result.charge = mean(&fused::BlockSums::charge);
  result.reach = mean(&fused::BlockSums::reach);
  return result;
}

template <class Real>
torch::autograd::variable_list run_backward(const AttentionInput& in, const Saved& saved, const Tensor& d_out,
                                            Real d_charge, Real d_reach) {
  const Candidates& who = saved.who;
  const Call<Real> call(in, who);
  const int D = call.width, H = call.heads.heads;
  Tensor query = torch::empty_like(in.query), key = torch::zeros_like(in.key), value = torch::zeros_like(in.value);
  Tensor span = saved.learns_spans ? torch::zeros_like(in.span) : Tensor();
  const auto options = in.query.options();
  // Of parameters that all environments share, each environment has its own, summed in order: threads change no bit.
  Tensor position = torch::zeros({who.envs, H, call.heads.window, call.heads.size}, options);
  Tensor null_logit = torch::zeros({who.envs, H}, options), slope = torch::zeros({who.envs, H}, options),
         head_span = torch::zeros({who.envs, H}, options);
  const Real* g = d_out.const_data_ptr<Real>();
  over_ranges(who.envs, 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local Gathered<Real> gathered, d;
    for (int b = int(begin); b < end; ++b) {
      const int n = call.slots(b);
      gathered.bring(call, b);
      d.key_value.resize(std::size_t(n) * 2 * D);
      d.span.assign(n, 0);
      const std::int64_t at = std::int64_t(b) * who.queries * D;
      fused::block_backward<Real>(
          gathered.block(call, b), g + at, d_charge, d_reach,
          {query.data_ptr<Real>() + at, d.key_value.data(), d.key_value.data() + D,
           span.defined() ? d.span.data() : nullptr,
           position.data_ptr<Real>() + std::int64_t(b) * H * call.heads.window * call.heads.size,
           null_logit.data_ptr<Real>() + b * H, slope.data_ptr<Real>() + b * H,
           call.heads.span ? head_span.data_ptr<Real>() + b * H : nullptr});
      for (int c = 0; c < n; ++c) {  // a row belongs to one environment: nobody else writes here
        const std::int64_t row = call.rows(b)[c];
        std::copy_n(d.key_value.data() + std::size_t(c) * 2 * D, D, key.data_ptr<Real>() + row * D);
        std::copy_n(d.key_value.data() + std::size_t(c) * 2 * D + D, D, value.data_ptr<Real>() + row * D);
        if (span.defined()) span.data_ptr<Real>()[row] = d.span[c];
      }
    }
  });
  return {query,
          key,
          value,
          span,
          Tensor(),
          position.sum(0),
          in.null_logit.defined() ? null_logit.sum(0) : Tensor(),
          in.slope.defined() ? slope.sum(0) : Tensor(),
          in.head_span.defined() ? head_span.sum(0) : Tensor()};
}

class FusedAttention : public torch::autograd::Function<FusedAttention> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, Tensor query, Tensor key,
                                                Tensor value, Tensor span, Tensor log_span, Tensor position,
                                                Tensor null_logit, Tensor slope, Tensor head_span,
                                                const AttentionInput& rules, const Candidates& who) {
    AttentionInput in{query,
                      key,
                      value,
                      or_undefined(span),
                      or_undefined(log_span),
                      position,
                      or_undefined(null_logit),
                      or_undefined(slope),
                      or_undefined(head_span),
                      rules.ramp,
                      rules.need,
                      rules.slope_from};
    Tensor need_gradient;
    const AttentionOutput out = query.scalar_type() == torch::kFloat64
                                    ? run_forward<double>(in, who, false, need_gradient)
                                    : run_forward<float>(in, who, false, need_gradient);
    auto saved = c10::make_intrusive<Saved>();
    saved->who = who;
    saved->in.ramp = rules.ramp;
    saved->in.need = rules.need;
    saved->in.slope_from = rules.slope_from;
    saved->learns_spans = rules.span.defined() && rules.span.requires_grad();
    context->saved_data["saved"] = c10::IValue::make_capsule(std::move(saved));
    context->save_for_backward({query, key, value, span, position, null_logit, slope, head_span, need_gradient});
    return {out.out, out.need, out.charge, out.reach};
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
                      or_undefined(kept[7]),
                      saved->in.ramp,
                      saved->in.need,
                      saved->in.slope_from};
    const double pairs = double(saved->who.envs) * saved->who.queries;
    const double d_charge = d[2].item<double>() / pairs, d_reach = d[3].item<double>() / pairs;
    const Tensor d_out = d[0].contiguous();
    auto to = in.query.scalar_type() == torch::kFloat64
                  ? run_backward<double>(in, *saved, d_out, d_charge, d_reach)
                  : run_backward<float>(in, *saved, d_out, static_cast<float>(d_charge), static_cast<float>(d_reach));
    if (kept[8].numel()) to[4] = kept[8] * d[1];
    to.resize(11);  // the rules and the candidates have no gradient
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
  const auto out = FusedAttention::apply(
      in.query, in.key, in.value, or_empty(in.span, in.query), or_empty(in.log_span, in.query), in.position,
      or_empty(in.null_logit, in.query), or_empty(in.slope, in.query), or_empty(in.head_span, in.query), in, who);
  return {out[0], out[1], out[2], out[3], {}};
}

}  // namespace wane
