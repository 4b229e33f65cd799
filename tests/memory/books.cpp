#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>

#include "simulation.h"

namespace wane {

using torch::Tensor;

namespace {

/// Whether a look at this age is less than whole, of one head at least.
bool fades(const Weights& weights, int layer, double span, double age) {
  const Tensor heads = weights.head_spans(layer);
  if (heads.defined()) return weights.mask(heads.min().item<double>(), age) < 1;
  return weights.plan().memory.kind == "expire_span" && weights.mask(span, age) < 1;
}

/// What witnesses give a slot of whatever span.
std::int32_t at_least(const Plan& plan, int lane, std::int32_t death_age) {
  return plan.witnesses.has(lane) ? std::max(death_age, plan.witnesses.age) : death_age;
}

}  // namespace

void Books::drop_dead(const Plan& plan, int layer, int lane, std::int64_t now) {
  const auto dead = [&](const Slot& slot) { return now - slot.birth >= slot.death_age; };
  const auto gone = double(std::erase_if(slots_[layer][lane], dead));
  if (!plan.witnesses.has(lane)) counts_[layer].dropped += gone;
}

/// Who goes follows from births and deaths alone, but for rules that look at chance or attention: there the table says
/// who, and here it is held to what such a rule may do.
void Books::evict(int layer, int lane, const std::string& rule, const SlotTable& table) {
  auto& slots = slots_[layer][lane];
  std::vector<std::size_t> may;
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (!slots[i].stays) may.push_back(i);
  ASSERT_FALSE(may.empty());
  std::size_t goes = may.front();
  for (const std::size_t i : may) {
    const auto end = [&](std::size_t at) { return slots[at].birth + slots[at].death_age; };
    if (rule == "soonest" && end(i) < end(goes)) goes = i;
  }
  if (rule == "random" || rule == "heavy_hitter") {
    std::vector<std::size_t> gone;
    for (const std::size_t i : may) {
      const auto same = [&](std::int32_t row) { return table.birth[row] == slots[i].birth; };
      if (std::ranges::none_of(table.live[lane], same)) gone.push_back(i);
    }
    ASSERT_EQ(gone.size(), 1u) << "one goes for one that comes";
    goes = gone[0];
    if (rule == "heavy_hitter") {  // and the own step is the youngest
      const std::size_t young = std::max<std::size_t>(1, (slots.size() + 1) / 2) - 1;
      const auto place = std::ranges::find(may, goes) - may.begin();
      EXPECT_LT(place, std::max<std::int64_t>(1, std::int64_t(may.size()) - std::int64_t(young))) << "the young stay";
    }
  }
  slots.erase(slots.begin() + std::int64_t(goes));
  counts_[layer].dropped += 1;
}

void Books::pool(int layer, int lane, std::int64_t now, const Plan& plan) {
  auto& slots = slots_[layer][lane];
  const int rate = plan.compressive.rate;
  const std::size_t before = slots.size();
  const auto first = [&] { return std::ranges::find_if(slots, [](const Slot& s) { return !s.stays && !s.pooled; }); };
  for (auto at = first(); slots.end() - at >= rate && now - at[rate - 1].birth >= plan.memory.max_span; at = first()) {
    Tensor sum = torch::zeros_like(at->hidden);
    for (int i = 0; i < rate; ++i) sum += at[i].hidden;
    at[rate - 1].hidden = sum / rate;
    at[rate - 1].pooled = true;
    slots.erase(at, at + rate - 1);
    ++pooled;
  }
  const auto means = [&] { return std::ranges::count_if(slots, [](const Slot& slot) { return slot.pooled; }); };
  while (means() > plan.compressive.slots) slots.erase(std::ranges::find_if(slots, &Slot::pooled));
  counts_[layer].dropped += double(before - slots.size());
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
      const bool witness = weights.plan().witnesses.has(lane);
      drop_dead(weights.plan(), int(l), lane, now);
      const int row = table.past() + lane * (after.block + 1) + after.filled - 1;
      const Tensor hidden = table.hidden[row].clone();
      const double span = spans ? weights.spans(l, hidden.unsqueeze(0)).item<double>() : 0;
      const MemorySettings& memory = weights.plan().memory;
      const bool for_good = weights.stays(span) || slots.size() < std::size_t(memory.sinks);
      if (memory.slots > 0 && !witness && slots.size() + 1 > std::size_t(memory.slots))
        evict(int(l), lane, memory.evict, table);
      if (after.filled > 1) fading_deaths += before - slots.size();
      const std::int32_t death_age = at_least(weights.plan(), lane, weights.death_age(int(l), span));
      slots.push_back({now, for_good ? kNever : death_age, for_good || witness, span, hidden});
      if (witness) continue;
      const double live = double(slots.size());
      counts.queries += 1;
      counts.live += live;
      counts.most_live = std::max(counts.most_live, live);
      for (const Slot& slot : slots) {
        counts.fading += !slot.stays && fades(weights, int(l), slot.span, double(now - slot.birth));
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
      drop_dead(weights.plan(), int(l), lane, after.now);
      for (Slot& slot : slots_[l][lane]) {
        if (spans) slot.span = weights.spans(l, slot.hidden.unsqueeze(0)).item<double>();
        if (slot.death_age != kNever || !slot.stays)
          slot.death_age = at_least(weights.plan(), lane, weights.death_age(int(l), slot.span));
      }
      drop_dead(weights.plan(), int(l), lane, after.now);
      if (weights.plan().pools()) pool(int(l), lane, after.now, weights.plan());
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
        fading += !slot.stays && fades(weights, int(l), slot.span, double(state.now - 1 - slot.birth));
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
