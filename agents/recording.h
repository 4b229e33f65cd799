#pragma once
// One episode of one environment, acted by an agent, every moment of which can be looked at again, or lived otherwise.
//
//   Recording episode(loaded, episode_seed(seed, 0, k), {.greedy = true});
//   while (episode.advance()) {}
//   Frame frame = episode.at(90);  // as it was then: picture, policy, every slot
//   Recording other = episode.what_if({.kind = Edit::erase, .step = 90, .birth = 0});
//   while (other.advance()) {}     // the same policy without that memory
//
// Kept is a snapshot every kEvery steps; the rest is acted again. Steps count from 0; a slot's birth is its step.

#include <optional>
#include <vector>

#include "agents/acting.h"
#include "agents/training.h"

namespace wane {

/// Something done to an episode before the query of step `step`; or, `action`, instead of what the policy does there.
struct Edit {
  enum Kind { erase, pin, transplant, action };
  Kind kind;
  int step;
  int layer = 0;  // erase, pin, with `birth`
  std::int64_t birth = 0;
  int act = 0;              // action: which
  MemoryState memory = {};  // transplant: another recording's `memory_before`
};

/// What is kept of every step.
struct RecordedStep {
  int action;
  float reward, value, entropy;                 // entropy in nats
  std::vector<float> probabilities;             // (A)
  int agent_x, agent_y;                         // where it stood, -1, -1 = nowhere
  std::vector<int> live;                        // (N) slots seen, own step included
  std::vector<std::vector<std::int64_t>> died;  // (N) births of the slots that expired right before it
};

/// A moment: what the world shows, what the policy thinks, what it remembers as its query saw it.
struct Frame {
  int step;
  Picture picture;
  std::vector<float> probabilities;  // (A)
  float value = 0, entropy = 0;
  std::vector<std::vector<SlotView>> layers;  // (N)
};

class Recording {
 public:
  struct Options {
    bool greedy = true;                     // else sampled with numbers of (Purpose::evaluation, seed, step)
    float difficulty = 1;                   // 0..1
    std::vector<std::int32_t> script = {};  // actions taken elsewhere: taken again until an edit, nothing beyond them
  };
  static constexpr int kEvery = 64;  // steps between snapshots

  /// `loaded` outlives it. Throws Error where the world refuses its settings.
  Recording(const LoadedAgent& loaded, std::uint64_t seed, const Options& options);

  /// One more step at the end. False where the episode has ended, or the script that it follows.
  bool advance();
  bool ended() const { return episode_.has_value(); }
  const std::optional<Batch::Episode>& episode() const { return episode_; }
  int length() const { return static_cast<int>(steps_.size()); }
  const std::vector<RecordedStep>& steps() const { return steps_; }
  const std::vector<Edit>& edits() const { return edits_; }
  std::uint64_t seed() const { return seed_; }
  const Batch& batch() const { return batch_; }

  /// The moment of step `step`, 0..length(). At length() of an ended episode: its last picture, and the last query's
  /// view of the memory. Acts at most kEvery steps to get there.
  Frame at(int step);
  /// What was remembered right before the query of `step`, 0..length()-1; a copy.
  MemoryState memory_before(int step);

  /// The same episode up to `edit.step`, with what was edited before then, and this edit: at its end, to be advanced.
  /// Throws Error for a slot that does not live then, an action that there is not, or another memory's shape.
  Recording what_if(Edit edit);

  struct Weight {
    int layer;
    std::int64_t birth;
    float moved;  // how far the policy moves where this slot is erased right before: total variation, 0..1
  };
  /// Of the `most` slots that the query of `step` paid most, its own left out, the weightiest first.
  std::vector<Weight> weigh(int step, int most = 32);

 private:
  struct Snapshot {
    std::vector<std::uint8_t> world;
    MemoryState memory;
    Previous previous{1};
  };

  void go_to(int step), restore(int step);  // state right before the query of `step`; of a snapshot at or before it
  void look();                              // edits, then the query of the step where we are; once
  void act(int action);
  void apply(const Edit& edit);
  std::optional<std::int32_t> forced(int step) const;  // by an edit or the script

  const LoadedAgent* loaded_;
  std::uint64_t seed_;
  Options options_;
  std::vector<RecordedStep> steps_;
  std::vector<Edit> edits_;
  std::vector<Snapshot> snapshots_;  // of steps 0, kEvery, …
  std::optional<Batch::Episode> episode_;

  Batch batch_;  // where we are: at step at_, its query done or not
  MemoryState memory_;
  Previous previous_{1};
  Moment moment_;
  int at_ = 0;
  bool looked_ = false;
  std::vector<std::vector<std::int64_t>> died_;  // (N) of the last query
};

}  // namespace wane
