#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>

#include "simulation.h"

namespace wane {

using torch::Tensor;

void Books::drop_dead(int layer, int lane, std::int64_t now) {
  const auto dead = [&](const Slot& slot) { return now - slot.birth >= slot.death_age; };
  counts_[layer].dropped += double(std::erase_if(slots_[layer][lane], dead));
}

void Books::clear(int lane) {
  for (auto& layer : slots_) layer[lane].clear();
}

void Books::step(const MemoryState& after, const Weights& weights) {
  const std::int64_t now = after.now - 1;
  const bool spans = weights.plan().memory.kind == "expire_span";
  for (std::size_t l = 0; l < slots_.size(); ++l) {
    const SlotTable& table = after.layers[l];
    SlotCounts& counts = counts_[l];
    for (int lane = 0; lane < after.envs; ++lane) {
      auto& slots = slots_[l][lane];
      const std::size_t before = slots.size();
      drop_dead(l, lane, now);
      if (after.filled > 1) fading_deaths += before - slots.size();
      const int row = table.past() + lane * (after.block + 1) + after.filled - 1;
      const Tensor hidden = table.hidden[row].clone();
      const double span = spans ? weights.spans(l, hidden.unsqueeze(0)).item<double>() : 0;
      const bool stays = weights.stays(span);
      slots.push_back({now, stays ? kNever : weights.death_age(span), stays, span, hidden});
      const double live = double(slots.size());
      counts.queries += 1;
      counts.live += live;
      counts.most_live = std::max(counts.most_live, live);
      for (const Slot& slot : slots) {
        const double mask = slot.stays || !spans ? 1 : weights.mask(slot.span, now - slot.birth);
        counts.fading += mask < 1;
      }
      if (spans) {
        counts.born += 1;
        counts.spans += span;
        counts.most_span = std::max(counts.most_span, span);
      }
    }
  }
}

void Books::refresh(const MemoryState& after, const Weights& weights) {
  const bool spans = weights.plan().memory.kind == "expire_span";
  for (std::size_t l = 0; l < slots_.size(); ++l) {
    for (int lane = 0; lane < after.envs; ++lane) {
      drop_dead(l, lane, after.now);
      for (Slot& slot : slots_[l][lane]) {
        if (spans) slot.span = weights.spans(l, slot.hidden.unsqueeze(0)).item<double>();
        if (!slot.stays) slot.death_age = weights.death_age(slot.span);
      }
      drop_dead(l, lane, after.now);
    }
  }
}

void Books::expect_same(const MemoryState& state, const Weights& weights) const {
  for (std::size_t l = 0; l < slots_.size(); ++l) {
    const SlotTable& table = state.layers[l];
    for (int lane = 0; lane < state.envs; ++lane) {
      std::vector<std::int64_t> expected, found, lives, lives_expected;
      int fading = 0;
      for (const Slot& slot : slots_[l][lane]) {
        expected.push_back(slot.birth);
        lives_expected.push_back(slot.death_age);
        if (table.span.defined() && !slot.stays) fading += weights.mask(slot.span, state.now - 1 - slot.birth) < 1;
      }
      for (const std::int32_t row : table.live[lane]) {
        found.push_back(table.birth[row]);
        lives.push_back(table.death[row]);
      }
      EXPECT_EQ(found, expected) << "births, layer " << l << ", environment " << lane << ", now " << state.now;
      EXPECT_EQ(lives, lives_expected) << "death ages, layer " << l << ", environment " << lane << ", now "
                                       << state.now;
      if (state.filled == 0) continue;  // between blocks nothing was seen yet
      EXPECT_EQ(table.seen[lane], expected.size());
      EXPECT_EQ(table.fading[lane], fading);
    }
    const SlotCounts &n = table.counts, &expected = counts_[l];
    EXPECT_EQ(n.queries, expected.queries);
    EXPECT_EQ(n.live, expected.live);
    EXPECT_EQ(n.most_live, expected.most_live);
    EXPECT_EQ(n.fading, expected.fading);
    EXPECT_EQ(n.dropped, expected.dropped);
    EXPECT_EQ(n.born, expected.born);
    EXPECT_NEAR(n.spans, expected.spans, 1e-5 * (1 + expected.spans));
    EXPECT_NEAR(n.most_span, expected.most_span, 1e-5 * (1 + expected.most_span));
  }
}

}  // namespace wane
