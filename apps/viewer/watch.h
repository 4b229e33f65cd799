#pragma once
// What is being watched: the episodes of one agent, where we are in them, and what was changed. No window here: keys
// and clicks call these functions, panels draw what they leave, tests drive them.
//
//   Watch watch(loaded, {.seed = 3});
//   watch.go_to(90);
//   watch.select(0, 0);      // the slot of step 0 in layer 0
//   watch.erase();           // what if it were gone
//   watch.undisturbed();     // the same step as it was
//   watch.back();            // to the recorded run

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agents/feed.h"
#include "agents/recording.h"

namespace wane::viewer {

struct WatchOptions {
  std::uint64_t seed = 0;
  bool greedy = true;
  float difficulty = 1;
};

/// An episode in the list.
struct EpisodeRow {
  int number = 0, length = 0;
  float episode_return = 0, success = 0;
  std::string fate;  // of a lost one: what became of the slot that decides the others, as far as attention shows it
  LiveEpisode live = {};  // of a training's; without weights
};

struct Selected {
  int layer;
  std::int64_t birth;
  bool operator==(const Selected&) const = default;
};

class Watch {
 public:
  static constexpr int kEnd = 1 << 30;  // for `go_to`

  Watch(const LoadedAgent& loaded, const WatchOptions& options);

  const LoadedAgent& agent() const { return *loaded_; }
  int number() const { return number_; }  // of the episode
  std::string title() const;              // which one this is
  int step() const { return frame_.step; }
  bool changed() const { return other_.has_value(); }  // what is shown is a "what if"
  const Recording& shown() const { return other_ ? *other_ : episode_; }
  const Frame& frame() const { return frame_; }
  /// The recorded run's moment at the same step; nothing where that ended before, or nothing was changed.
  const std::optional<Frame>& undisturbed() const { return undisturbed_; }
  const std::optional<Selected>& selected() const { return selected_; }
  /// The moment that the selected slot was made in.
  const std::optional<Frame>& selected_frame() const { return selected_frame_; }
  const std::string& said() const { return said_; }  // the outcome of the last thing done

  void go_to(int step);  // acts on where nothing was recorded yet; stops at the episode's end
  void forward(int steps) { go_to(step() + steps); }
  void start_episode(int number);
  void select(int layer, std::int64_t birth);
  void select_none() { selected_.reset(), selected_frame_.reset(); }

  // What if. Each applies from this step on; errors are said, not thrown.
  void erase();       // the selected slot
  void pin();         // it cannot expire
  void transplant();  // the memory of another episode at this step, the first of the next numbers that began otherwise
  void act(int action);
  void back();  // to the recorded run

  /// From now on a training's episodes, instead of the agent's own: shows this one, with the weights that came with it.
  /// Where it is the one on show, gone on, the step stays. Earlier ones are in the list; all is seen with these
  /// weights.
  void follow(const LiveEpisode& live);
  bool live() const { return frames_ >= 0; }
  bool at_end() const;  // of what is known so far, in the training's newest episode and without a change

  /// Rows of the episodes 0.., one more per call of `list_one`, as time allows.
  const std::deque<EpisodeRow>& list() const { return list_; }
  void list_one();

 private:
  Recording begin(int number) const;
  Recording begin(const LiveEpisode& live) const;
  bool at_newest() const { return number_ >= std::ssize(list_) - 1; }
  std::optional<Recording> other_episode(int i) const;  // i = 1, 2, …
  void change(Edit edit, const std::string& what);
  void look(int step);
  std::optional<std::int64_t> decisive() const;  // the slot that most won episodes hang on, by the step of its birth

  const LoadedAgent* loaded_;
  WatchOptions options_;
  int number_ = 0;
  std::int64_t frames_ = -1;  // of the training that is followed
  LiveEpisode newest_;        // of it
  Recording episode_;
  std::optional<Recording> other_;
  Frame frame_;
  std::optional<Frame> undisturbed_, selected_frame_;
  std::optional<Selected> selected_;
  std::string said_;
  std::deque<EpisodeRow> list_;
  std::map<std::int64_t, int> decisive_;  // birth of the slot that the end of won episodes hung on: how often
};

}  // namespace wane::viewer
