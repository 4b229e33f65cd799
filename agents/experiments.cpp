#include "agents/experiments.h"

#include <algorithm>

#include "configs/error.h"
#include "envs/rng.h"

namespace wane {
namespace {

constexpr std::int64_t kNone = -1;

/// body(layer, lane, table, row) for each slot born in the last step.
template <class State, class Body>
void over_newborns(State& state, const Body& body) {
  for (std::size_t l = 0; l < state.layers.size(); ++l) {
    for (int b = 0; b < state.envs; ++b) {
      const auto& live = state.layers[l].live[b];
      if (!live.empty()) body(l, b, state.layers[l], live.back());
    }
  }
}

}  // namespace

void make_twins(Batch& batch, std::uint64_t seed) {
  constexpr std::uint64_t kTries = 10'000;
  const auto first = [&](int lane) {
    return batch.observations().subspan(std::size_t(lane) * batch.cells(), batch.cells());
  };
  for (int lane = 1; lane < batch.envs(); lane += 2) {
    std::uint64_t tried = 0;
    while (std::ranges::equal(first(lane), first(lane - 1))) {
      if (++tried > kTries)
        throw Error("this world's episodes all begin alike: there are no twins to exchange memories");
      batch.reset_to(lane, episode_seed(seed, lane, tried));
    }
  }
}

void Lives::observe(const MemoryState& state, std::span<const int> counts) {
  if (state.layers.empty()) throw Error("this memory has no slots whose lives could be shuffled");
  of_layer_.resize(state.layers.size());
  over_newborns(state, [&](std::size_t l, int b, const SlotTable& table, std::int32_t row) {
    if (counts[b]) of_layer_[l].push_back(life_of(table, row));
  });
}

void Lives::deal(MemoryState& state, std::uint64_t seed) const {
  over_newborns(state, [&](std::size_t l, int b, SlotTable& table, std::int32_t row) {
    const auto lane = static_cast<std::uint64_t>(b) * state.layers.size() + l;
    const double u = uniform01(Purpose::shuffled_life, seed, lane, static_cast<std::uint64_t>(state.now));
    give_life(table, row, of_layer_[l][static_cast<std::size_t>(u * double(of_layer_[l].size()))]);
  });
}

Eraser::Eraser(const Erase& what, const Batch& batch) : what_(what), last_(batch.envs(), kNone) {
  if (!what.codes.empty() && (what.cell < 0 || what.cell >= batch.cells()))
    throw Error("erase: this world's observations have cells 0.." + std::to_string(batch.cells() - 1) + ", not " +
                std::to_string(what.cell));
  for (const int code : what.codes) {
    if (code < 0 || code >= batch.codes())
      throw Error("erase: this world's codes are 0.." + std::to_string(batch.codes() - 1) + ", not " +
                  std::to_string(code));
  }
}

void Eraser::after_step(const Batch& seen, MemoryState& state) {
  if (!what_.codes.empty() && state.layers.empty()) throw Error("this memory has no slots that could be erased");
  for (int b = 0; !what_.codes.empty() && b < state.envs; ++b) {
    const int code = seen.observations()[std::size_t(b) * seen.cells() + what_.cell];
    if (std::ranges::find(what_.codes, code) == what_.codes.end()) continue;
    const std::int64_t now = state.now - 1, goes = what_.all_but_last ? last_[b] : now;
    for (SlotTable& table : state.layers) erased_ += erase_slot(table, b, goes);
    last_[b] = now;
  }
}

void Eraser::clear(std::span<const std::int32_t> lanes) {
  for (const std::int32_t lane : lanes) last_[lane] = kNone;
}

}  // namespace wane
