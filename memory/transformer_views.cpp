// What others see of a memory's state: checkpoints, and slots one by one.

#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "configs/error.h"
#include "memory/candidates.h"
#include "memory/device_table.h"
#include "memory/transformer.h"

namespace wane {

using torch::Tensor;

void Transformer::save(const MemoryState& state, torch::serialize::OutputArchive& archive) const {
  check(state.filled == 0, "a memory is saved between blocks, after refresh");
  archive.write("now", c10::IValue(state.now));
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    torch::serialize::OutputArchive layer;
    const SlotTable& table = state.layers[l];
    save_past(table.books.defined() ? with_books_here(table, state) : table, layer);
    archive.write("layer" + std::to_string(l), layer);
  }
}

MemoryState Transformer::load(torch::serialize::InputArchive& archive, int envs, int block) const {
  torch::NoGradGuard no_gradients;
  MemoryState state = begin(envs, block);
  c10::IValue now;
  archive.read("now", now);
  state.now = now.toInt();
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    torch::serialize::InputArchive layer;
    archive.read("layer" + std::to_string(l), layer);
    load_past(state.layers[l], state, layer);
    project_past(state.layers[l], l);
  }
  return state;
}

std::vector<std::vector<SlotView>> Transformer::inspect(const MemoryState& state, int lane) const {
  torch::NoGradGuard no_gradients;
  std::vector<std::vector<SlotView>> shown;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const bool away = state.layers[l].books.defined();
    const SlotTable here = away ? with_books_here(state.layers[l], state) : SlotTable();
    const SlotTable& table = away ? here : state.layers[l];
    shown.emplace_back();
    if (!table.query.defined() || table.live[lane].empty()) continue;
    const Candidates who = last_candidates(table, state, lane);
    AttentionInput in = layers_[l]->attention_input();
    in.query = table.query.narrow(0, lane, 1).unsqueeze(1);
    in.key = table.key.to(in.query.scalar_type());
    in.value = table.value.to(in.query.scalar_type());
    in.span = table.span;
    const Tensor weights = reference_attention(in, who).weights.to(torch::kCPU, torch::kFloat32);  // (1, H, 1, S)
    const auto at = weights.accessor<float, 4>();
    for (std::size_t i = 0; i < who.row.size(); ++i) {
      const std::int32_t row = who.row[i];
      SlotView slot{who.birth[i], who.age(0, i), kNever, 0, 1, {}};
      if (who.death_age[i] != kNever) slot.remaining = who.death_age[i] - slot.age;
      if (table.span.defined()) {
        slot.span = table.span[row].item<double>();
        if (!who.stays[i]) slot.mask = in.ramp.mask(slot.span, double(slot.age));
      }
      for (std::int64_t h = 0; h < weights.size(1); ++h) slot.attention.push_back(at[0][h][0][i]);
      shown.back().push_back(std::move(slot));
    }
  }
  return shown;
}

}  // namespace wane
