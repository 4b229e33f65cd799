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
  bool watch = false;                 // a window on environment 0
};
int train(const TrainCommand& command);

/// `wane eval RUN|CHECKPOINT [world.key=value …]`.
struct EvalCommand {
  std::string run;
  std::vector<std::string> overrides;
  int episodes = 1000, swap_at = 0;  // EvaluationOptions::swap_at
  std::uint64_t seed = 0;
  bool greedy = false, json = false, shuffle_lives = false, erase_all_but_last = false;
  std::string erase;  // CELL=CODE,CODE …; "" = nothing
  std::string csv;    // a file for the episodes, a row each; "" = none
};
int eval(const EvalCommand& command);

/// `wane compare CONFIG … [section.key=value …]`: each memory on each task, seed by seed, and one report.
struct CompareCommand {
  std::vector<std::string> configs, overrides;
  std::vector<std::string> memories{"expire_span", "transformer_xl", "gru", "lstm", "none"};  // KIND[:key=value …]
  int seeds = 10, episodes = 1000;  // 1..seeds; of each evaluation
  int jobs = 0;                     // at a time; 0: a core each
  double solved = 0.97;             // greedy success that counts as solved
  int tune = 0;  // settings tried for each memory before its seeds, drawn from `ranges` (tuning.h); 0: none
  std::string out = "compare";
  std::vector<std::string> ranges, plugins;
};
int compare(const CompareCommand& command);

/// `wane config CONFIG [section.key=value …]`: the resolved file.
int config(const std::vector<std::string>& words);

/// `wane envs [WORLD]`: the worlds that are there, or one of them in full.
int envs(const std::string& world);

/// `wane bench train [CONFIG|RUN] [section.key=value …]`: training speed, from scratch or from a run's checkpoint.
struct BenchCommand {
  std::vector<std::string> words;
  std::int64_t frames = 0;  // to measure; 0 = about five seconds' worth
  std::string against;      // an earlier run's JSON
  bool json = false;
};
int bench_train(const BenchCommand& command);

/// `wane bench memory [CONFIG [section.key=value …]]`: time and bytes of a memory against the slots that it holds.
struct BenchMemoryCommand {
  std::vector<std::string> words;
  std::vector<std::string> kinds{"transformer_xl", "expire_span"};
  std::vector<int> slots{10, 100, 1000, 10'000, 100'000};
  std::vector<int> envs, steps, heads, width;  // none = the config's
  bool unroll = false;                         // too
  std::string against;
  bool json = false;
};
int bench_memory(const BenchMemoryCommand& command);

/// `wane bench worlds [WORLD …] [world.key=value …]`: speed of the worlds alone, a row per world, envs and threads.
struct BenchWorldsCommand {
  std::vector<std::string> worlds;     // none = all
  std::vector<std::string> overrides;  // of each
  std::vector<int> envs{1024}, threads{1};
  std::string device = "cpu";  // or cuda; threads do not matter there
  bool json = false;
};
int bench_worlds(const BenchWorldsCommand& command);

/// `wane check WORLD [world.key=value …]`: what every world must hold; 1 where it does not.
struct CheckCommand {
  std::string world;
  std::vector<std::string> overrides;
  std::int64_t steps = 0;  // random ones besides
};
int check_world(const CheckCommand& command);

/// `wane play WORLD [world.key=value …] [--terminal]`: a person plays, in a window or in text.
struct PlayCommand {
  std::string world;
  std::vector<std::string> overrides;
  std::uint64_t seed = 0;  // of the run; episode k is lane 0's k-th
  float difficulty = 1;
  std::string record;  // file for the transcript of the latest episode; "" = none
  bool terminal = false;
};
int play(const PlayCommand& command);

/// `wane new-world NAME DIR`: the sources of a plug-in, ready to build. NAME is the world's id.
int new_world(const std::string& name, const std::string& folder);

}  // namespace wane
