#pragma once
// The words of the program `wane`, one file each. Every command returns its exit code; bad input throws Error, which
// main turns into a message and exit code 2.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wane {

/// `wane train CONFIG [section.key=value …]`, or `wane train --resume DIR [section.key=value …]`.
struct TrainCommand {
  std::vector<std::string> words;     // CONFIG and overrides
  std::optional<std::uint64_t> seed;  // train.seed
  std::string device;                 // train.device; "" = as configured
  std::string resume;                 // a run folder; "" = a new run
  std::string run_dir;                // the new run's folder; "" = runs/{world}__{memory}__{seed}__{time}
  std::int64_t stop_at = 0;           // frames at which to save and stop; 0 = never
};
int train(const TrainCommand& command);

/// `wane eval RUN|CHECKPOINT [world.key=value …]`.
struct EvalCommand {
  std::string run;
  std::vector<std::string> overrides;
  int episodes = 1000;
  std::uint64_t seed = 0;
  int swap_at = 0;  // EvaluationOptions::swap_at
  bool greedy = false, json = false;
};
int eval(const EvalCommand& command);

/// `wane config CONFIG [section.key=value …]`: the resolved file with every key's meaning.
int config(const std::vector<std::string>& words);

/// `wane envs [WORLD]`: the worlds that are there.
int envs(const std::string& world);

/// `wane bench train [CONFIG|RUN] [section.key=value …]`: training speed, from scratch or from a run's checkpoint.
struct BenchCommand {
  std::vector<std::string> words;
  std::int64_t frames = 0;  // to measure; 0 = about five seconds' worth
  bool json = false;
};
int bench_train(const BenchCommand& command);

/// CONFIG and the overrides behind it, from a command's words. Throws Error where there is no CONFIG.
struct ConfigWords {
  std::string path;
  std::vector<std::string> overrides;
};
ConfigWords config_words(const std::vector<std::string>& words);

}  // namespace wane
