#pragma once
// How good an agent is, with its weights frozen, on episodes of its own. This, never the training window, decides
// anything.
//
//   Evaluation e = evaluate(agent, find_world("corridor"), settings.world.values, {.episodes = 1000, .seed = 7, .greedy
//   = true});
//
// Episodes are dealt to lanes before the start and all of them counted: counting the first N that finish would favour
// the short ones. Difficulty is full. Memory deletes exactly as in training; its blocks end every 32 steps.

#include <string>
#include <vector>

#include "agents/agent.h"
#include "envs/batch.h"

namespace wane {

/// Memories of steps that saw one of `codes` in cell `cell` are erased: right after the step, or, with `all_but_last`,
/// once another such step has come.
struct Erase {
  int cell = 0;
  std::vector<int> codes = {};  // none: nothing is erased
  bool all_but_last = false;
};

struct EvaluationOptions {
  int episodes = 256;
  std::uint64_t seed = 0;
  bool greedy = false;  // the likeliest action instead of a sampled one
  int swap_at = 0;  // > 0: environments 2i and 2i+1 are twins with different first observations, and exchange memories
                    // when they have acted for this many steps. What succeeds by memory then does what its twin should
  bool shuffle_lives = false;  // slots live as long as others did, drawn from all that were born in as many episodes of
                               // an evaluation before this one: as much is kept, whatever it is
  Erase erase = {};
};

struct LengthBin {
  int least, most;  // sizes, both included
  int episodes;
  double success;
};

struct LayerEvaluation {
  double live_slots_mean = 0, live_slots_max = 0;  // per environment, own step included, over all steps of the episodes
  double span_mean = 0, span_max = 0;              // steps, of new slots; 0 where the memory has no spans
  double bytes_max = 0;                            // allocated for slots, mean over environments; greatest of all steps
};

struct Evaluation {
  int episodes = 0;
  std::int64_t frames = 0;  // steps of the episodes counted
  double success = 0, return_mean = 0, length_mean = 0;
  double full_success =
      0;  // share of the episodes with success 1, where a world knows halves: `switch`, all doors right
  std::vector<LengthBin> success_by_length;  // up to 8 bins of equal width
  std::vector<LayerEvaluation> layers;
  int exchanged = 0;                     // swap_at: pairs of twins that were still going on then
  std::int64_t erased = 0;               // erase: slots, of all layers
  std::vector<Batch::Episode> finished;  // those counted, in the order of their ends
};

Evaluation evaluate(const Agent& agent, const WaneWorldV1& world, std::span<const WorldSetting> values,
                    const EvaluationOptions& options);

}  // namespace wane
