#include "memory/slot_table.h"

#include <torch/types.h>

#include <algorithm>
#include <numeric>

namespace wane {
namespace {

template <class T>
std::vector<T> pick(const std::vector<T>& from, const std::vector<std::int64_t>& rows) {
  std::vector<T> picked;
  picked.reserve(rows.size());
  for (const std::int64_t row : rows) picked.push_back(from[row]);
  return picked;
}

}  // namespace

std::int64_t SlotTable::bytes() const {
  std::int64_t sum = 0;
  for (const auto& tensor : {hidden, key, value, span}) sum += tensor.defined() ? std::int64_t(tensor.nbytes()) : 0;
  for (const auto& tensor :
       {books.offset, books.candidate, books.stays, books.fade, books.live, books.episode, books.counts})
    sum += tensor.defined() ? std::int64_t(tensor.nbytes()) : 0;
  return sum + std::int64_t(birth.capacity() * sizeof(birth[0]) + death.capacity() * sizeof(death[0]) +
                            fade.capacity() * sizeof(fade[0]) + stays.capacity() + pooled.capacity() +
                            paid.capacity() * sizeof(float));
}

MemoryState empty_state(int envs, int block) {
  MemoryState state;
  state.envs = envs;
  state.block = block;
  state.all.resize(envs);
  std::iota(state.all.begin(), state.all.end(), 0);
  state.clears.assign(envs, 0);
  state.episode.assign(std::size_t(envs) * block, 0);
  return state;
}

void begin_block(MemoryState& state) {
  state.filled = 0;
  state.swapped = false;
  std::fill(state.clears.begin(), state.clears.end(), 0);
  std::fill(state.episode.begin(), state.episode.end(), 0);
}

void end_step(MemoryState& state) {
  for (int b = 0; b < state.envs; ++b) state.episode[b * state.block + state.filled] = state.clears[b];
  ++state.filled;
  ++state.now;
}

void lay_out(SlotTable& table, const MemoryState& state, int width, const torch::TensorOptions& options, bool spans) {
  const std::int64_t rows = table.past() + std::int64_t(state.envs) * (state.block + 1);
  lay_out_tensors(table, rows, width, options, spans);
  table.birth.assign(rows, 0);
  table.death.assign(rows, 0);
  table.fade.assign(rows, kNever);
  table.stays.assign(rows, 0);
  if (state.pooling.rate > 0) table.pooled.assign(rows, 0);
  if (state.room.counts_attention()) table.paid.assign(rows, 0);
  table.live.resize(state.envs);
}

void lay_out_tensors(SlotTable& table, std::int64_t rows, int width, const torch::TensorOptions& options, bool spans) {
  table.hidden = torch::empty({rows, width}, options);
  table.key = torch::empty({rows, width}, options);
  table.value = torch::empty({rows, width}, options);
  const auto type = c10::promoteTypes(c10::typeMetaToScalarType(options.dtype()), torch::kFloat32);
  if (spans) table.span = torch::empty({rows}, options.dtype(type));
}

void copy_rows(SlotTable& to, const SlotTable& from, const torch::Tensor& rows) {
  const auto copy = [&](const torch::Tensor& whole, const torch::Tensor& old) {
    torch::Tensor place = whole.narrow(0, 0, rows.size(0));
    torch::index_select_out(place, old, 0, rows);
  };
  copy(to.hidden, from.hidden);
  copy(to.key, from.key);
  copy(to.value, from.value);
  if (from.span.defined()) copy(to.span, from.span);
}

void keep_rows(SlotTable& table, const MemoryState& state, const std::vector<std::int64_t>& rows,
               std::vector<std::int32_t> offset) {
  const auto index = torch::tensor(rows, torch::kInt64).to(table.hidden.device());
  SlotTable next;
  next.offset = std::move(offset);
  lay_out(next, state, table.hidden.size(1), table.hidden.options(), table.span.defined());
  copy_rows(next, table, index);
  const auto carry = [&](auto& to, const auto& from) {
    const auto picked = pick(from, rows);
    std::copy(picked.begin(), picked.end(), to.begin());
  };
  carry(next.birth, table.birth);
  carry(next.death, table.death);
  carry(next.fade, table.fade);
  carry(next.stays, table.stays);
  if (!table.pooled.empty()) carry(next.pooled, table.pooled);
  if (!table.paid.empty()) carry(next.paid, table.paid);
  for (int b = 0; b < state.envs; ++b) {
    next.live[b].reserve(next.offset[b + 1] - next.offset[b] + state.block);  // no step of the block allocates
    next.live[b].resize(next.offset[b + 1] - next.offset[b]);
    std::iota(next.live[b].begin(), next.live[b].end(), next.offset[b]);
  }
  next.seen = std::move(table.seen);
  next.fading = std::move(table.fading);
  next.expired = std::move(table.expired);
  next.query = table.query;
  next.counts = table.counts;
  table = std::move(next);
}

void compact(SlotTable& table, const MemoryState& state) {
  std::vector<std::int64_t> rows;
  std::vector<std::int32_t> offset{0};
  for (int b = 0; b < state.envs; ++b) {
    for (const std::int32_t row : table.live[b]) {
      if (alive(table, row, state.now)) {
        rows.push_back(row);
      } else {
        table.counts.dropped += !state.witnesses.has(b);
      }
    }
    offset.push_back(static_cast<std::int32_t>(rows.size()));
  }
  keep_rows(table, state, rows, std::move(offset));
}

void drop_dead_past(SlotTable& table, const MemoryState& state) {
  for (const auto& rows : table.live) {
    for (const std::int32_t row : rows) {
      if (!alive(table, row, state.now)) return compact(table, state);
    }
  }
}

void set_lifetime(SlotTable& table, const MemoryState& state, std::int32_t lane, std::int32_t row,
                  const Lifetime& lifetime, double span) {
  table.fade[row] = lifetime.fade_age(span);
  if (table.stays[row] && table.death[row] == kNever) return;
  table.death[row] = lifetime.death_age(span);
  if (state.witnesses.has(lane)) table.death[row] = std::max(table.death[row], state.witnesses.age);
}

void give_birth(SlotTable& table, const MemoryState& state, std::int32_t lane, std::int32_t row,
                const Lifetime& lifetime, double span) {
  table.birth[row] = state.now;
  const bool for_good = lifetime.stays(span) || table.live[lane].size() < std::size_t(state.room.sinks);
  table.stays[row] = for_good || state.witnesses.has(lane);
  table.death[row] = for_good ? kNever : 0;
  if (!table.pooled.empty()) table.pooled[row] = 0;
  if (!table.paid.empty()) table.paid[row] = 0;
  set_lifetime(table, state, lane, row, lifetime, span);
}

void remember(SlotTable& table, const MemoryState& state, const Candidates& who, std::span<const std::int32_t> lanes) {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::int32_t first = who.offset[i], last = who.offset[i + 1], lane = lanes[i];
    if (const std::int32_t row = victim(table, state, lane); row != kNobody) evict(table, row, state.now);
    std::int32_t fading = 0;
    for (std::int32_t c = first; c < last; ++c) fading += !who.stays[c] && who.age(i, c) >= table.fade[who.row[c]];
    auto& live = table.live[lane];
    table.seen[lane] = last - first;
    table.fading[lane] = fading;
    table.expired[lane] = static_cast<std::int32_t>(live.size()) + 1 - (last - first);
    live.assign(who.row.begin() + first, who.row.begin() + last);
  }
  count_step(table, state, lanes);
}

void count_step(SlotTable& table, const MemoryState& state, std::span<const std::int32_t> lanes) {
  SlotCounts& counts = table.counts;
  for (const std::int32_t lane : lanes) {
    if (state.witnesses.has(lane)) continue;
    ++counts.queries;
    counts.live += table.seen[lane];
    counts.most_live = std::max<double>(counts.most_live, table.seen[lane]);
    counts.fading += table.fading[lane];
    counts.dropped += table.expired[lane];
  }
  if (!table.span.defined()) return;
  const torch::Tensor spans = table.span.to(torch::kCPU);  // shares the table's where that is on the CPU
  AT_DISPATCH_FLOATING_TYPES(spans.scalar_type(), "count_step", [&] {
    for (const std::int32_t lane : lanes) {
      if (state.witnesses.has(lane)) continue;
      ++counts.born;
      const double span = spans.const_data_ptr<scalar_t>()[table.live[lane].back()];
      counts.spans += span;
      counts.most_span = std::max(counts.most_span, span);
    }
  });
}

}  // namespace wane
