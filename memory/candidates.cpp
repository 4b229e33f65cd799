#include "memory/candidates.h"

namespace wane {
namespace {

void add(Candidates& to, const SlotTable& table, std::int32_t row, std::int32_t stands_in, std::int32_t episode) {
  to.row.push_back(stands_in);
  to.birth.push_back(table.birth[row]);
  to.death_age.push_back(table.death[row]);
  to.stays.push_back(table.stays[row]);
  to.episode.push_back(episode);
}

}  // namespace

Candidates next_candidates(const SlotTable& table, const MemoryState& state, std::span<const std::int32_t> lanes,
                           std::span<const std::int32_t> own) {
  Candidates to;
  to.envs = static_cast<int>(lanes.size());
  to.queries = 1;
  to.offset.push_back(0);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::int32_t goes = victim(table, state, lanes[i]);
    for (const std::int32_t row : table.live[lanes[i]]) {
      if (row != goes && alive(table, row, state.now)) add(to, table, row, row, 0);
    }
    add(to, table, own[i], own[i], 0);
    to.offset.push_back(static_cast<std::int32_t>(to.row.size()));
  }
  to.query_step.assign(lanes.size(), state.now);
  to.query_episode.assign(lanes.size(), 0);
  return to;
}

Candidates last_candidates(const SlotTable& table, const MemoryState& state, int lane) {
  Candidates to;
  to.envs = to.queries = 1;
  for (const std::int32_t row : table.live[lane]) add(to, table, row, row, 0);
  to.offset = {0, static_cast<std::int32_t>(to.row.size())};
  to.query_step = {state.now - 1};
  to.query_episode = {0};
  return to;
}

Candidates block_candidates(const SlotTable& table, const MemoryState& state, std::int32_t greatest_age) {
  Candidates to;
  const int steps = state.filled;
  to.envs = state.envs;
  to.queries = steps;
  to.greatest_age = greatest_age;
  to.offset.push_back(0);
  for (int b = 0; b < state.envs; ++b) {
    for (std::int32_t row = table.offset[b]; row < table.offset[b + 1]; ++row) add(to, table, row, row, 0);
    for (int t = 0; t < steps; ++t) {
      const std::int32_t episode = state.episode[b * state.block + t];
      add(to, table, present_row(table, state, b, t), table.past() + b * steps + t, episode);
      to.query_step.push_back(state.now - steps + t);
      to.query_episode.push_back(episode);
    }
    to.offset.push_back(static_cast<std::int32_t>(to.row.size()));
  }
  return to;
}

}  // namespace wane
