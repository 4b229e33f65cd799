#pragma once
// The words `watch` and `record`. Both show recordings (agents/recording.h); the part that draws is not in every build.

#include <cstdint>
#include <string>
#include <vector>

#include "agents/training.h"

namespace wane {

/// `wane watch RUN|CHECKPOINT [world.key=value …]`: the window.
struct WatchCommand {
  std::string run;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;  // of the episodes
  int episode = 0;         // the first to be shown
  bool sampled = false;    // actions drawn from the policy, not its likeliest
};
int watch(const WatchCommand& command);

/// `wane record RUN|CHECKPOINT --out FILE.html|.gif|.png`: episodes as a file, without a display.
struct RecordCommand {
  std::string run, out;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;
  int episode = 0, episodes = 1;  // the first, and how many (.gif)
  int step = -1;                  // the moment of a .png; -1 = the last one
  int erase_at = -1;              // .png, .gif: what if the deciding slot were erased there; -1 = it is not
  int width = 1280, height = 720;
  float fps = 12;
  bool sampled = false, light = false;
};
int record(const RecordCommand& command);

/// Writes command.out, .gif or .png. Throws Error where this build has no viewer, as `watch` does.
void record_pictures(const RecordCommand& command, const LoadedAgent& loaded);

}  // namespace wane
