#pragma once
// The words that show something: `watch`, `record`, `train --watch`, `play`. The part that draws is not in every build:
// what needs it throws Error there, saying how to get it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wane {

class Training;
struct LoadedAgent;

/// `wane watch RUN|CHECKPOINT [world.key=value …]`: the window, or text.
struct WatchCommand {
  std::string run;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;  // of the episodes
  int episode = 0;         // the first to be shown
  float scale = 0;         // pixels per point; 0 = the display's
  bool sampled = false;    // actions drawn from the policy, not its likeliest
  bool terminal = false;
};
int watch(const WatchCommand& command);
int watch_in_terminal(const WatchCommand& command);

/// Throws Error where no window can be opened: before anything is begun that ought to be watched.
void need_window();

/// `wane train --watch`: the window on environment 0 while it trains, in a thread of its own.
class LiveView {
 public:
  /// Throws Error where no window can be opened.
  explicit LiveView(const Training& training);
  ~LiveView();
  void note(const Training& training);  // after every collect, before the update
  double share() const;                 // of the time since then that `note` took

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// `wane record RUN|CHECKPOINT --out FILE.html|.gif|.mp4|.png`: episodes as a file, without a display.
struct RecordCommand {
  std::string run, out;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;
  int episode = 0, episodes = 1;  // the first, and how many (.gif, .mp4)
  int step = -1;                  // the moment of a .png; -1 = the last one
  int erase_at = -1;              // .png, .gif, .mp4: what if the deciding slot were erased there; -1 = it is not
  int width = 1280, height = 720;
  float fps = 12;
  bool sampled = false, light = false;
};
int record(const RecordCommand& command);

/// Writes command.out, .gif, .mp4 or .png.
void record_pictures(const RecordCommand& command, const LoadedAgent& loaded);

class Game;
/// `wane play` without --terminal.
int play_in_window(Game& game);

}  // namespace wane
