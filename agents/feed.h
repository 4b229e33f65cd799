#pragma once
// What a training hands to whoever watches it from another thread: the latest episode of environment 0, and the weights
// of now. Nothing is copied but a block's actions, until the watcher asks.
//
//   Feed feed(training);
//   training.collect(); feed.note(training); training.update();        // the training's thread
//   feed.ask(); … if (auto news = feed.take()) show(*news);            // the watcher's

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "agents/training.h"

namespace wane {

/// An episode by what gives it again (Batch::reset_to), and the weights to see it with.
struct LiveEpisode {
  std::uint64_t seed = 0;
  float difficulty = 1;
  std::vector<std::int32_t> actions;
  bool ended = false;                  // else it goes on
  std::int64_t frames = 0;             // of the training, when this was handed over
  std::vector<torch::Tensor> weights;  // copies on the CPU, ordered as Agent::parameters()
};

class Feed {
 public:
  /// Before a block of `training`, or between two. An episode whose beginning was not seen is left out.
  explicit Feed(const Training& training);

  /// After every `collect`, before the `update`. What was asked for is handed over: the newest episode that has ended,
  /// or else the one under way.
  void note(const Training& training);
  double seconds() const { return seconds_; }  // spent in `note`

  void ask() { asked_ = true; }
  std::optional<LiveEpisode> take();  // what was handed over since the last call

 private:
  void hand_over(const Training& training);

  LiveEpisode under_way_;
  std::optional<LiveEpisode> last_;  // ended, not handed over
  bool whole_;                       // under_way_ is known from its first step
  double seconds_ = 0;
  std::atomic<bool> asked_ = false;
  std::mutex mutex_;
  std::optional<LiveEpisode> handed_;  // under mutex_
};

/// The weights of `live`, into an agent of the same settings.
void load_weights(const LiveEpisode& live, const Agent& agent);

}  // namespace wane
