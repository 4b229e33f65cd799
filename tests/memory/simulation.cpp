#include "simulation.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <stdexcept>

namespace wane {

using torch::Tensor;

std::vector<Plan> plans() {
  MemorySettings memory;
  memory.layers = 2;
  memory.heads = 3;
  memory.width = 12;
  memory.feed_forward = 2;
  memory.max_span = 64;
  memory.position_window = 5;
  ExpireSpanSettings spans;
  spans.first_span = 4;
  spans.first_share = 0.07;
  std::vector<Plan> all;
  const auto add = [&](const char* name, auto&& change) {
    all.push_back({name, memory, spans});
    change(all.back().memory, all.back().spans);
  };
  add("log_proportional", [](auto&, auto&) {});
  add("log_fixed_three_layers_slope",
      [](auto& m, auto& s) { m.layers = 3, m.age_slope = true, m.slope_from = 4, s.ramp = 3; });
  add("sigmoid_fixed", [](auto& m, auto& s) { s.form = "sigmoid", s.ramp = 4, m.null_slot = false; });
  add("sigmoid_divided",
      [](auto& m, auto& s) { s.form = "sigmoid", s.ramp = 2, s.divide_by_ramp = true, m.age_slope = true; });
  add("sigmoid_proportional", [](auto& m, auto& s) { m.layers = 1, s.form = "sigmoid"; });
  add("keep_at_top", [](auto& m, auto& s) { m.max_span = 8, s.first_span = 6.8, s.keep_at_top = true; });
  add("keep_from_half", [](auto& m, auto& s) { m.max_span = 8, s.first_span = 4, s.keep_at_top = true, s.top = 0.5; });
  add("learn_gradient", [](auto&, auto& s) { s.learn = "gradient", s.ramp = 3; });
  add("learn_both", [](auto&, auto& s) { s.learn = "both", s.even_share = 0.3; });
  add("reach", [](auto& m, auto& s) { s.reach_cost = 0.1, s.learn = "both", m.age_slope = true; });
  add("reference", [](auto& m, auto&) { m.compute = "reference"; });
  add("fused_attention_only", [](auto& m, auto&) { m.compute = "attention"; });
  add("transformer_xl", [](auto& m, auto&) { m.kind = "transformer_xl", m.max_span = 6; });
  add("transformer_xl_longer_than_a_block",
      [](auto& m, auto&) { m.kind = "transformer_xl", m.max_span = 14, m.age_slope = true; });
  add("none", [](auto& m, auto&) { m.kind = "none", m.layers = 3; });
  const auto adaptive = [&](const char* name, double ramp, const char* compute) {
    add(name, [&](auto& m, auto&) { m.kind = "adaptive_span", m.compute = compute, m.age_slope = ramp == 0; });
    all.back().adaptive.first_span = 4;
    all.back().adaptive.ramp = ramp;
  };
  adaptive("adaptive_span", 3, "auto");
  adaptive("adaptive_span_proportional", 0, "auto");
  adaptive("adaptive_span_attention_only", 3, "attention");
  adaptive("adaptive_span_reference", 3, "reference");
  for (const char* compute : {"auto", "reference"}) {
    add(compute == std::string("auto") ? "compressive" : "compressive_reference",
        [&](auto& m, auto&) { m.kind = "compressive", m.max_span = 5, m.compute = compute; });
    all.back().compressive = {.rate = 3, .slots = 2};
  }
  add("compressive_sinks", [](auto& m, auto&) { m.kind = "compressive", m.max_span = 3, m.sinks = 2; });
  all.back().compressive = {.rate = 2, .slots = 3};
  add("sinks", [](auto& m, auto&) { m.sinks = 2; });
  add("transformer_xl_sinks", [](auto& m, auto&) { m.kind = "transformer_xl", m.max_span = 4, m.sinks = 3; });
  add("oldest", [](auto& m, auto&) { m.kind = "transformer_xl", m.slots = 5; });
  add("random_sinks", [](auto& m, auto&) { m.kind = "transformer_xl", m.slots = 6, m.evict = "random", m.sinks = 1; });
  add("random_reference",
      [](auto& m, auto&) { m.kind = "transformer_xl", m.slots = 4, m.evict = "random", m.compute = "reference"; });
  add("heavy_hitter", [](auto& m, auto&) { m.kind = "transformer_xl", m.slots = 6, m.evict = "heavy_hitter"; });
  add("heavy_hitter_reference", [](auto& m, auto&) {
    m.kind = "transformer_xl", m.slots = 6, m.evict = "heavy_hitter", m.compute = "reference";
  });
  add("own_step_alone", [](auto& m, auto&) { m.kind = "transformer_xl", m.slots = 1, m.evict = "heavy_hitter"; });
  add("sinks_alone",
      [](auto& m, auto&) { m.kind = "transformer_xl", m.slots = 3, m.evict = "heavy_hitter", m.sinks = 2; });
  add("soonest", [](auto& m, auto& s) { m.slots = 4, m.evict = "soonest", s.first_span = 9; });
  const auto witnessed = [&](const char* name, auto&& change) {
    add(name, change);
    all.back().witnesses = {1, 11};
  };
  witnessed("witnesses", [](auto&, auto&) {});
  witnessed("witnesses_reference", [](auto& m, auto&) { m.compute = "reference"; });
  witnessed("witnesses_keep_at_top",
            [](auto& m, auto& s) { m.max_span = 8, s.first_span = 6.8, s.keep_at_top = true; });
  witnessed("witnesses_have_room", [](auto& m, auto& s) { m.slots = 4, m.evict = "soonest", s.first_span = 9; });
  add("gru_gates", [](auto& m, auto&) { m.residual = "gru"; });
  return all;
}

Plan plan_named(const std::string& name) {
  for (const Plan& plan : plans()) {
    if (plan.name == name) return plan;
  }
  throw std::logic_error("no plan " + name);
}

std::shared_ptr<Memory> random_memory(const Plan& plan, std::uint64_t seed, torch::ScalarType precision) {
  Draws draws(seed);
  auto memory = make_memory(plan.settings(), [&] { return draws.real(); });
  torch::NoGradGuard no_gradients;
  for (auto& parameter : memory->named_parameters()) {
    const std::string& key = parameter.key();
    const auto ends_with = [&](const char* end) { return key.ends_with(end); };
    Tensor& value = parameter.value();
    if (ends_with("position") || ends_with("null")) value.copy_(draws.tensor(value.sizes()));
    if (ends_with("rule.share")) value.copy_(draws.tensor(value.sizes(), 1, 9) / plan.memory.max_span);
    if (ends_with("slope")) value.copy_(draws.tensor(value.sizes(), 0, 2));
    if (ends_with("rule.weight")) {
      const double size = 0.3 * (plan.spans.divide_by_ramp ? plan.spans.ramp : 1);
      value.copy_(draws.tensor(value.sizes(), -size, size));
    }
    if (ends_with("norm_weight") || ends_with("norm_bias") || ends_with("norm2_weight")) {
      value.add_(draws.tensor(value.sizes(), -0.3, 0.3).to(value.scalar_type()));
    }
  }
  memory->to(precision);
  return memory;
}

void nudge(Memory& memory, Draws& draws, double size) {
  torch::NoGradGuard no_gradients;
  for (Tensor& value : memory.parameters())
    value.add_(draws.tensor(value.sizes(), -size, size).to(value.scalar_type()));
}

Simulation::Simulation(const Plan& plan, std::uint64_t seed, torch::ScalarType precision, int envs, int block)
    : plan(plan), draws(seed), memory(random_memory(plan, seed + 1000, precision)), state(memory->begin(envs, block)),
      books(envs, plan.memory.layers) {
  state.witnesses = plan.witnesses;
}

Tensor Simulation::step(double clear_chance) {
  for (int lane = 0; lane < state.envs; ++lane) {
    if (draws.chance(clear_chance)) clear(lane);
  }
  const auto precision = memory->parameters().front().scalar_type();
  const Tensor x = draws.tensor({state.envs, plan.memory.width}, -2, 2).to(precision);
  const Tensor y = memory->step(state, x);
  const bool first = state.filled == 1;
  inputs = first ? x.unsqueeze(1) : torch::cat({inputs, x.unsqueeze(1)}, 1);
  features = first ? y.unsqueeze(1) : torch::cat({features, y.unsqueeze(1)}, 1);
  const Weights weights(*memory, plan);
  books.step(state, weights);
  books.expect_same(state, weights);
  return y;
}

void Simulation::fill_block(double clear_chance) {
  do step(clear_chance);
  while (state.filled < state.block);
}

void Simulation::clear(int lane) {
  memory->clear(state, std::array{lane});
  books.clear(lane);
}

void Simulation::refresh() {
  memory->refresh(state);
  books.refresh(state, Weights(*memory, plan));
}

std::vector<double> fingerprint(const MemoryState& state) {
  std::vector<double> all{double(state.envs), double(state.block), double(state.filled), double(state.now),
                          double(state.swapped)};
  const auto put = [&](const auto& numbers) { all.insert(all.end(), numbers.begin(), numbers.end()); };
  put(state.clears);
  put(state.episode);
  for (const SlotTable& table : state.layers) {
    std::vector<std::int64_t> rows;
    for (int row = 0; row < table.past(); ++row) rows.push_back(row);
    for (int b = 0; b < state.envs; ++b) {
      for (int t = 0; t < state.filled; ++t) rows.push_back(table.past() + b * (state.block + 1) + t);
    }
    put(table.offset);
    put(table.seen);
    for (const auto row : rows) {
      if (!table.pooled.empty()) all.push_back(table.pooled[row]);
      if (!table.paid.empty()) all.push_back(table.paid[row]);
    }
    put(table.fading);
    for (const auto& live : table.live) put(live);
    for (const auto row : rows)
      put(std::array<double, 4>{double(table.birth[row]), double(table.death[row]), double(table.fade[row]),
                                double(table.stays[row])});
    for (const Tensor& tensor : {table.hidden, table.key, table.value, table.span}) {
      if (!tensor.defined() || rows.empty()) continue;
      const Tensor kept = tensor.index_select(0, torch::tensor(rows)).to(torch::kFloat64).contiguous();
      put(std::span(kept.const_data_ptr<double>(), kept.numel()));
    }
    if (table.query.defined()) {
      const Tensor query = table.query.to(torch::kFloat64).contiguous();
      put(std::span(query.const_data_ptr<double>(), query.numel()));
    }
    const SlotCounts& n = table.counts;
    put(std::array{n.queries, n.live, n.most_live, n.fading, n.dropped, n.born, n.spans, n.most_span});
  }
  return all;
}

}  // namespace wane
