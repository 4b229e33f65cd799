#pragma once
// T steps of B environments, acted with fixed weights: what the agent saw, did and got, and what it thought it was
// worth.
//
//   Rollout rollout(agent.senses(), B, T);
//   collect(agent, state, batch, previous, seed, rollout);
//   // rollout.observation, .actions, .rewards … are (B, T); rollout.finished lists the episodes that ended
//
// Order of a step: act, world step, peek at the successors of the truncated (with the memory of the old episode), reset
// the finished, clear their memory. The successors of all are peeked at after the last step.

#include <vector>

#include "agents/agent.h"
#include "envs/batch.h"

namespace wane {

struct Rollout {
  Rollout(const Senses& senses, int lanes, int length);  // B, T

  int envs, steps;                     // B, T
  Observation observation;             // (B, T, C), (B, T, F), on the CPU
  std::vector<std::int64_t> actions;   // (B, T)
  std::vector<float> rewards, values;  // (B, T)
  std::vector<float>
      next_values;  // (B, T): value of the true successor where the episode was truncated, and after the last step
  std::vector<std::uint8_t> terminated, truncated;  // (B, T)
  std::vector<Batch::Episode> finished;
  std::vector<Batch::Episode> judged;  // those of them without a slip

  double slip = 0;                    // an action less likely than this times the likeliest is one
  std::vector<std::uint8_t> slipped;  // (B): in the episode under way, which may have begun in an earlier rollout
};

/// Fills `rollout`. Actions are sampled with numbers of (Purpose::action, seed, lane, state.now).
void collect(const Agent& agent, MemoryState& state, Batch& batch, Previous& previous, std::uint64_t seed,
             Rollout& rollout);

/// Generalised advantage estimates (Schulman et al. 2016) over a rollout: advantages (B, T). Truncated episodes
/// bootstrap from their true successor, terminated ones from nothing; neither lets the sum reach past the episode's
/// end.
std::vector<float> advantages(const Rollout& rollout, double gamma, double lambda);

}  // namespace wane
