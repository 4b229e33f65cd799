#include "memory/transformer.h"

#include <torch/utils.h>

#include <cmath>

#include "configs/error.h"
#include "memory/candidates.h"
#include "memory/device_table.h"
#include "memory/fused_transformer.h"

namespace wane {
namespace {

using torch::Tensor;

/// Spans (n) of any device and precision, to be read one by one; of a rule without spans there are none: 0.
class HostSpans {
 public:
  explicit HostSpans(const Tensor& spans)
      : host_(spans.defined() ? spans.to(torch::kCPU, torch::kFloat64).contiguous() : spans) {}
  double operator[](std::size_t i) const { return host_.defined() ? host_.const_data_ptr<double>()[i] : 0; }

 private:
  Tensor host_;
};

/// What slots are paid by one query of each environment: weights (n, H, 1, C), summed over heads.
void pay(SlotTable& table, const Candidates& who, const Tensor& weights) {
  const Tensor sums = weights.sum(1).squeeze(1).to(torch::kCPU, torch::kFloat32).contiguous();  // (n, C)
  for (int b = 0; b < who.envs; ++b) {
    for (std::int32_t c = who.offset[b]; c < who.offset[b + 1]; ++c)
      table.paid[who.row[c]] += sums.const_data_ptr<float>()[b * sums.size(1) + c - who.offset[b]];
  }
}

}  // namespace

Transformer::Transformer(const Settings& settings, const Draw& draw)
    : compute_(settings.memory.compute), storage_(settings.memory.storage), room_(Room::of(settings.memory)),
      teachers_(SpanTeachers::of(settings.expire_span)), width_(settings.memory.width) {
  for (int n = 0; n < settings.memory.layers; ++n)
    layers_.push_back(register_module("layer" + std::to_string(n), std::make_shared<TransformerLayer>(settings, draw)));
  norm_weight_ = register_parameter("norm_weight", torch::ones({width_}));
  norm_bias_ = register_parameter("norm_bias", torch::zeros({width_}));
  for (const auto& layer : layers_) parts_.push_back(layer->parts());
  if (room_.slots > 0 && room_.evict == Evict::random)
    evict_key_ =
        register_buffer("evict_key", torch::full({}, static_cast<std::int64_t>(draw() * 0x1p53), torch::kInt64));
}

bool Transformer::fused() const {
  const bool wanted = compute_ != "attention" && compute_ != "reference";
  return wanted && norm_weight_.is_cpu() && !layers_.front()->gated() && !layers_.front()->attends_there(norm_weight_);
}

bool Transformer::books_there(const MemoryState& state) const {
  const bool wanted = state.books_may_leave && (compute_ == "auto" || compute_ == "device");
  const bool by_age = room_.slots == 0 && room_.sinks == 0 && state.pooling.rate == 0;
  return wanted && by_age && layers_.front()->attends_there(norm_weight_);
}

Tensor Transformer::past_hidden(const SlotTable& table) const {
  return table.hidden.narrow(0, 0, table.past()).to(norm_weight_.scalar_type());
}

fused::Network Transformer::network() const { return {parts_, norm_weight_, norm_bias_, teachers_}; }

MemoryState Transformer::begin(int envs, int block) const {
  const auto numbers = norm_weight_.options().requires_grad(false);
  check(storage_ == "float32" || norm_weight_.scalar_type() == torch::kFloat32, "bfloat16 is kept of float32");
  MemoryState state = empty_state(envs, block);
  state.room = room_;
  if (evict_key_.defined()) state.room.key = static_cast<std::uint64_t>(evict_key_.item<std::int64_t>());
  state.pooling = layers_.front()->rule().pooling();
  for (const auto& layer : layers_) {
    SlotTable table;
    table.offset.assign(envs + 1, 0);
    table.seen.assign(envs, 0);
    table.fading.assign(envs, 0);
    table.expired.assign(envs, 0);
    table.query = torch::zeros({envs, width_}, numbers);
    const bool spans = layer->rule().log_spans(torch::zeros({1, width_}, norm_weight_.options())).defined();
    lay_out(table, state, width_, storage_ == "bfloat16" ? numbers.dtype(torch::kBFloat16) : numbers, spans);
    state.layers.push_back(std::move(table));
  }
  return state;
}

void Transformer::step(MemoryState& state, const Tensor& x, Tensor& features) const {
  check(x.dim() == 2 && x.size(0) == state.envs, "x is (B, D)");
  if (state.filled == state.block) {
    for (std::size_t l = 0; l < layers_.size(); ++l)
      if (settle(state.layers[l], state)) project_past(state.layers[l], l);
    begin_block(state);
  }
  look(state, x, state.all, true, features);
  end_step(state);
}

void Transformer::peek(MemoryState& state, const Tensor& x, std::span<const std::int32_t> lanes,
                       Tensor& features) const {
  look(state, x, lanes, false, features);
}

void Transformer::look(MemoryState& state, const Tensor& x, std::span<const std::int32_t> lanes, bool remember,
                       Tensor& features) const {
  torch::NoGradGuard no_gradients;
  const auto n = static_cast<std::int64_t>(lanes.size());
  check(x.dim() == 2 && x.size(0) >= n && x.size(1) == width_ && features.sizes() == x.sizes(), "x is (lanes, D)");
  if (fused()) return fused::look(network(), state, x, lanes, remember, features);
  features.narrow(0, 0, n).copy_(look_by_operators(state, x.narrow(0, 0, n), lanes, remember));
}

Tensor Transformer::look_by_operators(MemoryState& state, Tensor h, std::span<const std::int32_t> lanes,
                                      bool remember) const {
  const bool there = state.layers.front().books.defined() || (state.filled == 0 && books_there(state));
  const bool all = lanes.data() == state.all.data() && lanes.size() == state.all.size();
  const Tensor asked = there && !all ? lanes_there(lanes, h.device()) : Tensor();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const TransformerLayer& layer = *layers_[l];
    SlotTable& table = state.layers[l];
    if (there && !table.books.defined()) take_books_there(table, state, layer.rule().lifetime());
    std::vector<std::int32_t> rows;
    if (!there)
      for (const std::int32_t lane : lanes) rows.push_back(present_row(table, state, lane, state.filled));
    const Tensor index =
        there ? present_rows_there(table, state, asked) : torch::tensor(rows, torch::kInt64).to(h.device());
    const Tensor n = layer.normalise(h), projected = layer.project(n);
    const auto stored = table.hidden.scalar_type();
    table.hidden.index_copy_(0, index, h.to(stored));
    table.key.index_copy_(0, index, projected.narrow(1, width_, width_).to(stored));
    table.value.index_copy_(0, index, projected.narrow(1, 2 * width_, width_).to(stored));
    Tensor spans;
    if (table.span.defined()) {
      spans = layer.rule().log_spans(n).exp();
      table.span.index_copy_(0, index, spans);
    }
    AttentionInput in = layer.attention_input();
    in.query = projected.narrow(1, 0, width_).contiguous().unsqueeze(1);
    in.key = table.key.to(h.scalar_type());
    in.value = table.value.to(h.scalar_type());
    in.span = table.span;
    AttentionOutput attended;
    if (there) {
      attended = device_attention(in, look_there(table, state, asked, spans, remember));
    } else {
      const HostSpans each(spans);
      const Lifetime lifetime = layer.rule().lifetime();
      for (std::size_t i = 0; i < rows.size(); ++i) give_birth(table, state, lanes[i], rows[i], lifetime, each[i]);
      const Candidates who = next_candidates(table, state, lanes, rows);
      const bool pays = remember && room_.counts_attention();
      attended = pays ? reference_attention(in, who) : layer.attend(in, who);
      if (pays) pay(table, who, attended.weights);
      if (remember) wane::remember(table, state, who, lanes);
    }
    if (remember) table.query = in.query.squeeze(1);
    h = layer.finish(h, attended.out.squeeze(1));
  }
  return torch::layer_norm(h, {width_}, norm_weight_, norm_bias_);
}

void Transformer::refresh(MemoryState& state) const {
  torch::NoGradGuard no_gradients;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    SlotTable& table = state.layers[l];
    const TransformerLayer& layer = *layers_[l];
    settle(table, state);
    Tensor spans;
    if (table.past() && table.span.defined()) {
      spans = fused() ? fused::past_spans(parts_[l], table)
                      : layer.rule().log_spans(layer.normalise(past_hidden(table))).exp();
      table.span.narrow(0, 0, table.past()).copy_(spans);
    }
    const Lifetime lifetime = layer.rule().lifetime();
    if (table.books.defined()) {
      relive_there(table, state, lifetime);
    } else {
      const HostSpans each(spans);
      for (int lane = 0; lane < state.envs; ++lane) {
        for (std::int32_t row = table.offset[lane]; row < table.offset[lane + 1]; ++row)
          set_lifetime(table, state, lane, row, lifetime, each[row]);
      }
      drop_dead_past(table, state);
    }
    project_past(table, l);
    fetch_counts(table);
  }
  begin_block(state);
}

bool Transformer::settle(SlotTable& table, const MemoryState& state) const {
  if (table.books.defined()) {
    compact_there(table, state);
    return false;
  }
  compact(table, state);
  return pool_past(table, state);
}

void Transformer::project_past(SlotTable& table, std::size_t l) const {
  if (!table.past()) return;
  if (fused()) return fused::project_past(parts_[l], table);
  const TransformerLayer& layer = *layers_[l];
  const Tensor both = layer.keys_values(layer.normalise(past_hidden(table)));
  table.key.narrow(0, 0, table.past()).copy_(both.narrow(1, 0, width_));
  table.value.narrow(0, 0, table.past()).copy_(both.narrow(1, width_, width_));
}

void Transformer::clear(MemoryState& state, std::span<const std::int32_t> lanes) const {
  for (const std::int32_t lane : lanes) ++state.clears[lane];
  const bool there = !state.layers.empty() && state.layers.front().books.defined();
  const Tensor asked = there ? lanes_there(lanes, norm_weight_.device()) : Tensor();
  for (SlotTable& table : state.layers) {
    if (there) {
      forget_there(table, state, asked);
    } else {
      for (const std::int32_t lane : lanes) table.live[lane].clear();
    }
  }
}

void Transformer::swap(MemoryState& state, std::int32_t lane, std::int32_t other) const {
  check(!books_there(state), "memories are exchanged where their books stay on the host");
  for (auto& table : state.layers) std::swap(table.live[lane], table.live[other]);
  state.swapped = true;
}

Unrolled Transformer::unroll(const MemoryState& state, const Tensor& x, const UnrollOptions& options) const {
  const std::int64_t B = state.envs, T = state.filled, D = width_;
  check(x.dim() == 3 && x.size(0) == B && x.size(1) == T && x.size(2) == D, "x is (B, steps acted in this block, D)");
  check(!state.swapped, "a block in which memories were exchanged cannot be unrolled");
  if (fused()) return fused::unroll(network(), state, x, options);
  Unrolled result;
  Tensor h = x.reshape({B * T, D});
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const TransformerLayer& layer = *layers_[l];
    const SlotTable& table = state.layers[l];
    const std::int64_t S = table.past();
    const Tensor n = layer.normalise(torch::cat({past_hidden(table), h})), keys_values = layer.keys_values(n);
    AttentionInput in = layer.attention_input();
    in.query = layer.queries(n.narrow(0, S, B * T)).view({B, T, D});
    in.key = keys_values.narrow(1, 0, D).contiguous();
    in.value = keys_values.narrow(1, D, D).contiguous();
    LayerLosses losses;
    if (table.span.defined()) {
      const Tensor known = n.detach();  // need, price and restore teach the spans alone
      const Tensor log_spans = layer.rule().log_spans(known);
      in.span = (teachers_.policy && options.learn_spans ? layer.rule().log_spans(n) : log_spans.detach()).exp();
      if (teachers_.need && options.learn_spans) in.log_span = log_spans;
      losses.born = layer.rule().unbounded_log_spans(known.narrow(0, S, B * T)).view({B, T});
      if (!options.learn_spans) losses.born = losses.born.detach();
    }
    if (in.head_span.defined()) {
      losses.heads = in.head_span;
      if (!options.learn_spans) losses.heads = in.head_span = in.head_span.detach();
    }
    const AttentionOutput attended = table.books.defined()
                                         ? device_attention(in, block_there(table, state, options.greatest_age))
                                         : layer.attend(in, block_candidates(table, state, options.greatest_age));
    losses.need = attended.need, losses.charge = attended.charge, losses.reach = attended.reach;
    result.layers.push_back(std::move(losses));
    h = layer.finish(h, attended.out.reshape({B * T, D}));
  }
  result.features = torch::layer_norm(h, {D}, norm_weight_, norm_bias_).view({B, T, D});
  return result;
}

std::vector<Tensor> Transformer::span_parameters() const {
  std::vector<Tensor> all;
  for (const auto& layer : layers_) {
    const auto own = layer->span_parameters();
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

}  // namespace wane
