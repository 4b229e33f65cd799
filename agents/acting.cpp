#include "agents/acting.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace wane {
namespace {

std::span<const float> of_lane(const torch::Tensor& logits, std::size_t b) {
  const auto A = static_cast<std::size_t>(logits.size(1));
  return {logits.const_data_ptr<float>() + b * A, A};
}

template <class Choose>
void for_each_lane(const torch::Tensor& logits, std::span<std::int32_t> actions, const Choose& choose_of) {
  for (std::size_t b = 0; b < actions.size(); ++b) actions[b] = choose_of(b, of_lane(logits, b));
}

}  // namespace

void observe(const Senses& senses, const Batch& batch, const Previous& previous, std::span<const std::int32_t> lanes,
             Observation& to) {
  auto* symbols = to.symbols.data_ptr<std::int64_t>();
  auto* numbers = to.numbers.data_ptr<float>();
  for (const std::int32_t lane : lanes) {
    sense(senses, batch, previous, lane, symbols, numbers);
    symbols += senses.symbols();
    numbers += senses.numbers();
  }
}

void choose(const torch::Tensor& logits, Purpose purpose, std::uint64_t seed, std::uint64_t now,
            std::span<std::int32_t> actions) {
  for_each_lane(logits, actions, [&](std::size_t b, std::span<const float> mine) {
    return sample_action(mine, uniform01(purpose, seed, b, now));
  });
}

void choose_greedily(const torch::Tensor& logits, std::span<std::int32_t> actions) {
  for_each_lane(logits, actions, [](std::size_t, std::span<const float> mine) { return greedy_action(mine); });
}

void note_slips(const torch::Tensor& logits, std::span<const std::int32_t> actions, double slip,
                std::span<std::uint8_t> slipped) {
  if (slip == 0) return;
  for (std::size_t b = 0; b < actions.size(); ++b) {
    const std::span<const float> mine = of_lane(logits, b);
    if (std::exp(double(mine[actions[b]]) - mine[greedy_action(mine)]) < slip) slipped[b] = 1;
  }
}

std::int32_t greedy_action(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::int32_t sample_action(std::span<const float> logits, double u) {
  const double top = logits[greedy_action(logits)];
  double total = 0, passed = 0;
  for (const float logit : logits) total += std::exp(logit - top);
  for (std::size_t a = 0; a + 1 < logits.size(); ++a) {
    passed += std::exp(logits[a] - top);
    if (u * total < passed) return static_cast<std::int32_t>(a);
  }
  return static_cast<std::int32_t>(logits.size()) - 1;
}

}  // namespace wane
