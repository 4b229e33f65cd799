#include "agents/senses.h"

namespace wane {

Senses Senses::of(const Batch& batch, const NetworkSettings& network) {
  Senses senses;
  senses.cells = batch.cells();
  senses.codes = batch.codes();
  senses.floats = batch.floats_per_env();
  senses.actions = batch.actions();
  senses.previous_action = network.previous != "none";
  senses.previous_reward = network.previous == "action_reward";
  return senses;
}

void sense(const Senses& senses, const Batch& batch, const Previous& previous, int lane, std::int64_t* symbols,
           float* numbers) {
  const auto cells = batch.observations().subspan(std::size_t(lane) * senses.cells, senses.cells);
  for (int i = 0; i < senses.cells; ++i) symbols[i] = std::int64_t(i) * senses.codes + cells[i];
  if (senses.previous_action)
    symbols[senses.cells] = std::int64_t(senses.cells) * senses.codes + 1 + previous.action[lane];
  const auto floats = batch.floats().subspan(std::size_t(lane) * senses.floats, senses.floats);
  for (int i = 0; i < senses.floats; ++i) numbers[i] = floats[i];
  if (senses.previous_reward) numbers[senses.floats] = previous.reward[lane];
}

}  // namespace wane
