// Span attention on a GPU as an operator with gradients; device_block.h computes. Nothing here waits for the device.
// What a query and the learned positions have in common is a product for cuBLAS, and its gradient autograd's.

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <cstring>

#include "configs/error.h"
#include "memory/attention.h"
#include "memory/device_block.h"
#include "memory/enqueue.h"
#include "memory/optional_tensor.h"

namespace wane {
namespace {

using torch::Tensor;

/// A call without its tensors' gradients: sizes, rules, and who sees whom.
struct Rules : torch::CustomClassHolder {
  Rules(const AttentionInput& in, const DeviceCandidates& candidates)
      : heads(int(in.position.size(0))), size(int(in.position.size(2))), window(int(in.position.size(1))),
        ramp(in.ramp), need(in.need), slope_from(in.slope_from), who(candidates) {}

  double pairs() const { return double(who.envs) * who.queries; }

  int heads, size, window;
  Ramp ramp;
  NeedRule need;
  int slope_from;
  DeviceCandidates who;
};

/// In the order in which autograd has them; absent ones are empty.
enum Input { kQuery, kKey, kValue, kSpan, kLogSpan, kNear, kNullLogit, kSlope, kHeadSpan, kInputs };
using Tensors = torch::autograd::variable_list;

template <class Real>
const Real* pointer(const Tensor& tensor) {
  if (!tensor.numel()) return nullptr;
  const Real* const at = tensor.const_data_ptr<Real>();
  check(tensor.is_contiguous() && reinterpret_cast<std::uintptr_t>(at) % 16 == 0,
        "attention on a GPU takes contiguous tensors that begin at a multiple of 16 bytes");
  return at;
}
template <class Real>
Real* writable(const Tensor& tensor) {
  return tensor.defined() && tensor.numel() ? tensor.data_ptr<Real>() : nullptr;
}

template <class Real>
device::Block<Real> block_of(const Rules& rules, const Tensors& in) {
  device::Block<Real> block{};
  block.envs = rules.who.envs;
  block.queries = rules.who.queries;
  block.most = rules.who.most;
  block.heads = rules.heads;
  block.size = rules.size;
  block.window = rules.window;
  block.greatest_age = rules.who.greatest_age;
  block.first = rules.who.first.const_data_ptr<std::int32_t>();
  block.end = rules.who.end.const_data_ptr<std::int32_t>();
  block.candidate = reinterpret_cast<const device::Candidate*>(rules.who.candidate.const_data_ptr<std::int32_t>());
  block.stays = rules.who.stays.const_data_ptr<std::uint8_t>();
  block.asker = reinterpret_cast<const device::Asker*>(rules.who.asker.const_data_ptr<std::int32_t>());
  block.query = pointer<Real>(in[kQuery]);
  block.key = pointer<Real>(in[kKey]);
  block.value = pointer<Real>(in[kValue]);
  block.span = pointer<Real>(in[kSpan]);
  block.log_span = pointer<Real>(in[kLogSpan]);
  block.near = pointer<Real>(in[kNear]);
  block.null_logit = pointer<Real>(in[kNullLogit]);
  block.slope = pointer<Real>(in[kSlope]);
  block.head_span = pointer<Real>(in[kHeadSpan]);
  block.ramp = rules.ramp;
  block.need = rules.need;
  block.slope_from = Real(rules.slope_from);
  check(block.span || !block.log_span, "need is of slots that have spans");
  return block;
}

/// Attention's results, and what its backward needs of them.
struct Found {
  Tensor out, log_total, reach, slots;
  Tensor need, need_gradient, charge;  // (R)

  template <class Real>
  device::Weighed<Real> weighed() const {
    return {writable<Real>(out), writable<Real>(log_total), writable<Real>(reach), writable<Real>(slots)};
  }
};

template <class Real>
Found run_forward(const Rules& rules, const Tensors& in, bool sums) {
  const auto block = block_of<Real>(rules, in);
  const auto options = in[kQuery].options().requires_grad(false);
  const std::int64_t B = rules.who.envs, Q = rules.who.queries, R = in[kKey].size(0);
  Found found{torch::empty_like(in[kQuery]), torch::empty({B, Q, rules.heads}, options), {}, {}, {}, {}, {}};
  if (rules.need.reach) found.reach = torch::empty({B, Q, rules.heads}, options);
  if (block.log_span) found.slots = torch::empty({B, Q}, options);
  const Enqueue to(in[kQuery].device());
  device::forward(block, found.weighed<Real>(), to.stream);
  if (!sums || !block.span) return found;
  found.charge = torch::zeros({R}, options);
  if (block.log_span) found.need = torch::zeros({2, R}, options), found.need_gradient = found.need[1];
  device::need(block, found.weighed<Real>(),
               {writable<Real>(found.need), writable<Real>(found.need_gradient), writable<Real>(found.charge)},
               to.stream);
  if (found.need.defined()) found.need = found.need[0];
  return found;
}

template <class Real>
Tensors run_backward(const Rules& rules, const Tensors& in, const Found& found, const Tensor& d_out,
                     const Tensor& d_charge, const Tensor& d_reach, bool of_spans) {
  const auto block = block_of<Real>(rules, in);
  const auto options = in[kQuery].options();
  const auto per_head = [&](bool wanted) {
    return wanted ? torch::empty({rules.who.envs, rules.who.queries, rules.heads}, options) : Tensor();
  };
  Tensors to(kInputs);
  to[kQuery] = torch::empty_like(in[kQuery]);
  to[kKey] = torch::zeros_like(in[kKey]);
  to[kValue] = torch::zeros_like(in[kValue]);
  to[kNear] = torch::zeros_like(in[kNear]);
  if (of_spans) to[kSpan] = torch::zeros_like(in[kSpan]);
  to[kNullLogit] = per_head(block.null_logit);
  to[kSlope] = per_head(block.slope);
  to[kHeadSpan] = per_head(block.head_span);
  const Tensor delta = per_head(true);
  const Enqueue there(in[kQuery].device());
  device::backward<Real>(block, found.weighed<Real>(), pointer<Real>(d_out), pointer<Real>(d_charge),
                         pointer<Real>(d_reach),
                         {writable<Real>(to[kQuery]), writable<Real>(to[kNear]), writable<Real>(to[kNullLogit]),
                          writable<Real>(to[kSlope]), writable<Real>(to[kHeadSpan]), writable<Real>(to[kKey]),
                          writable<Real>(to[kValue]), writable<Real>(to[kSpan]), writable<Real>(delta)},
                         there.stream);
  for (const Input input : {kNullLogit, kSlope, kHeadSpan})
    if (to[input].defined()) to[input] = to[input].flatten(0, 1).sum(0);
  return to;
}

template <class Body>
auto by_precision(const Tensor& like, const Body& body) {
  return like.scalar_type() == torch::kFloat64 ? body(double()) : body(float());
}

class DeviceAttention : public torch::autograd::Function<DeviceAttention> {
 public:
  static Tensors forward(torch::autograd::AutogradContext* context, Tensor query, Tensor key, Tensor value, Tensor span,
                         Tensor log_span, Tensor near, Tensor null_logit, Tensor slope, Tensor head_span,
                         const c10::intrusive_ptr<Rules>& rules, bool of_spans) {
    const Tensors in{query, key, value, span, log_span, near, null_logit, slope, head_span};
    const Found found = by_precision(query, [&](auto real) { return run_forward<decltype(real)>(*rules, in, true); });
    context->saved_data["rules"] = c10::IValue::make_capsule(rules);
    context->saved_data["of_spans"] = of_spans;
    Tensors kept = in;
    for (const Tensor& tensor : {found.out, found.log_total, found.reach, found.need_gradient})
      kept.push_back(or_empty(tensor, query));
    context->save_for_backward(kept);
    const auto mean = [&](const Tensor& sums) {
      return sums.defined() ? sums.sum() / rules->pairs() : torch::zeros({}, query.options());
    };
    return {found.out, mean(found.need), mean(found.charge), mean(found.reach)};
  }

  static Tensors backward(torch::autograd::AutogradContext* context, Tensors d) {
    const auto rules = c10::static_intrusive_pointer_cast<Rules>(context->saved_data["rules"].toCapsule());
    const bool of_spans = context->saved_data["of_spans"].toBool();
    Tensors in = context->get_saved_variables();
    const Found found{in[kInputs], in[kInputs + 1], or_undefined(in[kInputs + 2]), {}, {}, {}, {}};
    const Tensor need_gradient = in[kInputs + 3];
    in.resize(kInputs);
    Tensor d_out = d[0].contiguous();
    if (d_out.storage_offset() != 0) d_out = d_out.clone();  // kernels read 16 bytes at once
    const Tensor d_charge = d[2] / rules->pairs(), d_reach = d[3] / rules->pairs();
    Tensors to = by_precision(d_out, [&](auto real) {
      return run_backward<decltype(real)>(*rules, in, found, d_out, d_charge, d_reach, of_spans);
    });
    if (need_gradient.numel()) to[kLogSpan] = need_gradient * (d[1] / rules->pairs());
    to.resize(kInputs + 2);  // the rules have no gradient
    return to;
  }
};

}  // namespace

bool device_attends(const torch::Tensor& query, std::int64_t heads) {
  const int H = int(heads), d = int(query.size(-1) / heads);
  if (!device::usable(query.is_cpu())) return false;
  if (query.scalar_type() == torch::kFloat64) return device::fits<double>(H, d);
  return query.scalar_type() == torch::kFloat32 && device::fits<float>(H, d);
}

DeviceCandidates to_device(const Candidates& who, const torch::Device& device) {
  const auto candidates = std::int64_t(who.row.size()), queries = std::int64_t(who.query_step.size());
  const std::int64_t askers_at = 4 * candidates, first_at = askers_at + 2 * queries, end_at = first_at + who.envs,
                     stays_at = end_at + who.envs, words = stays_at + (candidates + 3) / 4;
  const auto wanted = torch::TensorOptions().dtype(torch::kInt32).pinned_memory(device.is_cuda());
  const Tensor host = torch::empty({words}, wanted);
  auto* const to = host.data_ptr<std::int32_t>();
  auto* const slots = reinterpret_cast<device::Candidate*>(to);
  auto* const askers = reinterpret_cast<device::Asker*>(to + askers_at);
  DeviceCandidates there;
  there.envs = who.envs;
  there.queries = who.queries;
  there.greatest_age = who.greatest_age;
  for (int b = 0; b < who.envs; ++b) {
    const std::int64_t query = std::int64_t(b) * who.queries, base = who.query_step[query];
    for (std::int64_t q = query; q < query + who.queries; ++q)
      askers[q] = {static_cast<std::int32_t>(who.query_step[q] - base), who.query_episode[q]};
    for (std::int32_t c = who.offset[b]; c < who.offset[b + 1]; ++c)
      slots[c] = {who.row[c], static_cast<std::int32_t>(who.birth[c] - base), who.death_age[c], who.episode[c]};
    to[first_at + b] = who.offset[b];
    to[end_at + b] = who.offset[b + 1];
    there.most = std::max(there.most, who.offset[b + 1] - who.offset[b]);
  }
  std::memcpy(to + stays_at, who.stays.data(), who.stays.size());
  const Tensor all = host.to(device, torch::kInt32, true);
  there.candidate = all.narrow(0, 0, askers_at).view({candidates, 4});
  there.asker = all.narrow(0, askers_at, 2 * queries).view({who.envs, who.queries, 2});
  there.first = all.narrow(0, first_at, who.envs);
  there.end = all.narrow(0, end_at, who.envs);
  there.stays = all.narrow(0, stays_at, words - stays_at).view(torch::kUInt8).narrow(0, 0, candidates);
  return there;
}

AttentionOutput device_attention(const AttentionInput& in, const Candidates& who) {
  return device_attention(in, to_device(who, in.query.device()));
}

AttentionOutput device_attention(const AttentionInput& in, const DeviceCandidates& who) {
  check(in.query.size(0) == who.envs && in.query.size(1) == who.queries, "query is (B, Q, D)");
  const auto rules = c10::make_intrusive<Rules>(in, who);
  const std::int64_t pairs = std::int64_t(who.envs) * who.queries;
  const Tensor near = torch::bmm(in.query.reshape({pairs, rules->heads, rules->size}).transpose(0, 1),
                                 in.position.transpose(1, 2));  // (H, B Q, P)
  const Tensors tensors{in.query,
                        in.key,
                        in.value,
                        or_empty(in.span, in.query),
                        or_empty(in.log_span, in.query),
                        near,
                        or_empty(in.null_logit, in.query),
                        or_empty(in.slope, in.query),
                        or_empty(in.head_span, in.query)};
  if (!torch::GradMode::is_enabled()) {
    const bool sums = who.queries > 1 || in.log_span.defined();
    const Found found =
        by_precision(near, [&](auto real) { return run_forward<decltype(real)>(*rules, tensors, sums); });
    const auto mean = [&](const Tensor& of) { return of.defined() ? of.sum() / rules->pairs() : Tensor(); };
    return {found.out, mean(found.need), mean(found.charge), mean(found.reach), {}};
  }
  const auto out = DeviceAttention::apply(tensors[kQuery], tensors[kKey], tensors[kValue], tensors[kSpan],
                                          tensors[kLogSpan], near, tensors[kNullLogit], tensors[kSlope],
                                          tensors[kHeadSpan], rules, in.span.defined() && in.span.requires_grad());
  return {out[0], out[1], out[2], out[3], {}};
}

}  // namespace wane
