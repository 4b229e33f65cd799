// Compressive memory (Rae et al. 2020) with mean pooling: between blocks, slots older than `max_span` become one,
// `rate` of them at a time, oldest first; of such means, `compressive.slots` are kept. As in the paper, nothing is
// pooled within a block. A mean is a slot like any other, born when the youngest of its members was.

#include <torch/types.h>

#include <algorithm>

#include "memory/slot_table.h"

namespace wane {
namespace {

class Compressive : public Retention {
 public:
  explicit Compressive(const Settings& settings)
      : pooling_{settings.memory.max_span, settings.compressive.rate, settings.compressive.slots} {}

  Lifetime lifetime() const override { return {.death = kNever}; }
  Pooling pooling() const override { return pooling_; }

 private:
  Pooling pooling_;
};

}  // namespace

std::shared_ptr<Retention> make_compressive(const Settings& settings) {
  return std::make_shared<Compressive>(settings);
}

bool pool_past(SlotTable& table, const MemoryState& state) {
  const Pooling& rule = state.pooling;
  if (rule.rate == 0) return false;
  std::vector<std::int64_t> rows, members, means;  // a mean stands in the row of its youngest member
  std::vector<std::int32_t> offset{0};
  for (int b = 0; b < state.envs; ++b) {
    const std::int32_t end = table.offset[b + 1];
    std::int32_t row = table.offset[b];
    std::vector<std::int64_t> kept, pooled;
    while (row < end && table.stays[row]) kept.push_back(row++);  // sinks
    while (row < end && table.pooled[row]) pooled.push_back(row++);
    const auto old = [&](std::int32_t r) { return r < end && state.now - table.birth[r] >= rule.window; };
    for (; old(row + rule.rate - 1); row += rule.rate) {
      for (int i = 0; i < rule.rate; ++i) members.push_back(row + i);
      means.push_back(row + rule.rate - 1);
      pooled.push_back(means.back());
    }
    const std::size_t room = static_cast<std::size_t>(rule.slots);
    if (pooled.size() > room) pooled.erase(pooled.begin(), pooled.end() - std::int64_t(room));
    kept.insert(kept.end(), pooled.begin(), pooled.end());
    for (; row < end; ++row) kept.push_back(row);
    table.counts.dropped += double(end - table.offset[b]) - double(kept.size());
    rows.insert(rows.end(), kept.begin(), kept.end());
    offset.push_back(static_cast<std::int32_t>(rows.size()));
  }
  if (means.empty()) return false;
  const auto device = table.hidden.device();
  const torch::Tensor from = torch::tensor(members, torch::kInt64).to(device),
                      to = torch::tensor(means, torch::kInt64).to(device);
  const auto type = c10::promoteTypes(table.hidden.scalar_type(), torch::kFloat32);
  const torch::Tensor mean = table.hidden.index_select(0, from)
                                 .to(type)
                                 .view({static_cast<std::int64_t>(means.size()), rule.rate, table.hidden.size(1)})
                                 .mean(1);
  table.hidden.index_copy_(0, to, mean.to(table.hidden.scalar_type()));
  for (const std::int64_t row : means) table.pooled[row] = 1;
  keep_rows(table, state, rows, std::move(offset));
  return true;
}

}  // namespace wane
