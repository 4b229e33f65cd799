#pragma once
// One update of advantage actor-critic (Mnih et al. 2016) from one rollout, replayed in one parallel pass.
//
//   loss = -mean(advantage ln pi(a)) + value_cost mean((V - return)^2) - entropy mean(H(pi))
//          - log_barrier mean(mean_a ln pi(a)) + what spans pay
//
// Where a policy is sure of a wrong action and the value knows it, there is no advantage to learn from, and the
// entropy's gradient went with the other actions' chances. The barrier's gradient, 1/A - pi for the logits, stays (log
// barrier regularisation: Agarwal et al. 2021, "On the theory of policy gradient methods", section 5). It is in no
// column of the log.
//
// With `a2c.epochs` of more than one the same block is replayed again, and the policy's loss is PPO's. Advantages are
// not normalised. The loss on spans is `Forgetting`'s.

#include "agents/forgetting.h"
#include "agents/optimiser.h"
#include "agents/rollout.h"

namespace wane {

/// Numbers of one update, for the log.
struct UpdateReport {
  double policy_loss = 0, value_loss = 0, entropy = 0, explained_variance = 0;
  double span_loss = 0;
  double gradient_norm = 0, span_gradient_norm = 0;
};

/// What changes over a run.
struct Schedule {
  double entropy;      // weight of the entropy bonus
  double log_barrier;  // weight of the mean of ln pi(a) over all actions
  double rate_share;   // of both learning rates
};

/// The weights in force after `frames`, when the rates began to fall at `falls_since` frames (-1: not yet). All fall
/// linearly; the rates over `optimiser.fall_frames` to `optimiser.end_share`, and the barrier with them: what it keeps
/// alive is needed to begin, and at the end costs a mistake now and then.
Schedule schedule(const Settings& settings, std::int64_t frames, std::int64_t falls_since);

/// PPO's (Schulman et al. 2017, eq. 7): - mean of min(r A, clamp(r, 1 - clip, 1 + clip) A), r = exp(taken - behaved).
/// taken, behaved: ln of the chances of the actions taken, now and when they were; all (B, T). A2C's gradient at r = 1.
torch::Tensor policy_loss(const torch::Tensor& taken, const torch::Tensor& behaved, const torch::Tensor& advantage,
                          double clip);

/// Steps the optimiser once, or `a2c.epochs` times: then by PPO's loss. `span_limit` hides older slots (span dropout),
/// kNever hides none. Refresh the memory afterwards.
UpdateReport update(const Agent& agent, Optimiser& optimiser, const MemoryState& state, const Rollout& rollout,
                    const Forgetting& forgetting, const A2cSettings& settings, const Schedule& schedule,
                    std::int32_t span_limit);

}  // namespace wane
