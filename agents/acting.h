#pragma once
// What whoever acts does at every step, collecting or evaluating: sense the lanes, choose their actions.
//
//   Moment now = agent.moment(B);
//   observe(senses, batch, previous, lanes, now.seen);
//   agent.step(state, now);
//   choose(now.decision.logits, Purpose::action, seed, state.now, actions);
//   batch.step(actions);
//   previous.remember(actions, batch.rewards());

#include <span>

#include "agents/agent.h"
#include "envs/batch.h"
#include "envs/rng.h"

namespace wane {

/// What lanes `lanes` sense now into the first rows of `to`, on the CPU: symbols (n, C), numbers (n, F).
void observe(const Senses& senses, const Batch& batch, const Previous& previous, std::span<const std::int32_t> lanes,
             Observation& to);

/// An action for each lane b of logits (B, A) on the CPU, sampled with the number of (purpose, seed, b, now).
void choose(const torch::Tensor& logits, Purpose purpose, std::uint64_t seed, std::uint64_t now,
            std::span<std::int32_t> actions);
/// The likeliest action of each lane; the first of equals.
void choose_greedily(const torch::Tensor& logits, std::span<std::int32_t> actions);

/// Sets `slipped` of each lane whose action is less likely than `slip` times its likeliest; leaves the others.
void note_slips(const torch::Tensor& logits, std::span<const std::int32_t> actions, double slip,
                std::span<std::uint8_t> slipped);

/// The action at which the cumulated softmax of logits (A) passes u in [0, 1).
std::int32_t sample_action(std::span<const float> logits, double u);
std::int32_t greedy_action(std::span<const float> logits);

}  // namespace wane
