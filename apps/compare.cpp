// wane compare: each memory on each task, seed by seed, after as many trials of settings for each as are asked for.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "agents/checkpoint.h"
#include "apps/commands.h"
#include "apps/compare_runs.h"
#include "apps/tuning.h"
#include "configs/error.h"
#include "configs/reader.h"
#include "configs/write_file.h"
#include "envs/registry.h"
#include "envs/world_values.h"

namespace wane {
namespace {

namespace fs = std::filesystem;

constexpr int kTrialSeeds[] = {1'000'001, 1'000'002};  // none that is reported

/// KIND[:key=value …] -> overrides.
std::vector<std::string> memory_overrides(const std::string& words) {
  std::vector<std::string> own = split(words, ':');
  if (own[0].find('=') != std::string::npos) {
    throw Error(
        fmt::format("--memories {}: a memory's own settings follow it after colons, and a comma begins the next "
                    "memory: `transformer_xl:memory.max_span=16,gru`",
                    words));
  }
  own[0].insert(0, "memory.kind=");
  return own;
}

std::string folder_name(std::string memory) {
  for (char& c : memory)
    if (c == ':' || c == '/' || c == ' ') c = '_';
  return memory;
}

/// A memory on a task.
struct Contender {
  std::string task, memory, config;
  std::vector<std::string> overrides, own;  // the command's; the memory's
  fs::path folder;                          // of its runs, a folder for each seed
  std::string tuned = {};                   // what its tuning found, in words

  /// Throws Error for settings that are not allowed, the world's included: before any run begins.
  ComparedRun run(int seed, const CompareCommand& command, const std::vector<std::string>* tried = nullptr) const {
    ComparedRun run{task, memory, overrides, config, seed, folder / std::to_string(seed), {}, tried != nullptr};
    run.overrides.insert(run.overrides.end(), own.begin(), own.end());
    if (tried) run.overrides.insert(run.overrides.end(), tried->begin(), tried->end());
    run.overrides.push_back("train.stop.success=0");  // a fixed budget for all
    run.overrides.push_back("train.seed=" + std::to_string(seed));
    const Settings settings = read_settings(config, run.overrides);
    world_values(find_world(settings.world.name), settings.world.values);
    run.hash = fmt::format("{:016x}", checksum(write_settings(settings, false) + std::to_string(command.episodes)));
    return run;
  }
};

std::vector<Contender> contenders(const CompareCommand& command) {
  if (command.configs.empty()) throw Error("which configs? `wane compare configs/corridor.yaml`");
  std::vector<Contender> all;
  std::set<std::string> tasks, folders;
  for (const std::string& memory : command.memories) {
    if (!folders.insert(folder_name(memory)).second)
      throw Error("--memories " + memory + ": named twice; its runs would share a folder");
  }
  for (const std::string& config : command.configs) {
    const std::string task = fs::path(config).stem();
    if (!tasks.insert(task).second)
      throw Error(config + ": a config of this name, " + task + ", is compared already; the report names tasks by it");
    for (const std::string& memory : command.memories) {
      all.push_back({task, memory, config, command.overrides, memory_overrides(memory),
                     fs::path(command.out) / task / folder_name(memory)});
    }
  }
  return all;
}

/// Tries `command.tune` draws of settings for each, and gives it the best of them. Runs of draw k, those of the seeds
/// that are reported included, stand in tuning/k: a tuning of more draws goes on from there.
void tune(std::vector<Contender>& all, const CompareCommand& command) {
  const std::vector<TuningRange> ranges = tuning_ranges(command.ranges);
  const auto folder_of = [](const Contender& contender, const Trial& trial) {
    return contender.folder / "tuning" / std::to_string(trial.draw);
  };
  std::vector<ComparedRun> runs;
  std::vector<std::vector<Trial>> trials;
  for (const Contender& contender : all) {
    trials.push_back(draw_trials(ranges, contender.own, command.tune));
    for (const Trial& trial : trials.back()) {
      for (const int seed : kTrialSeeds) {
        runs.push_back(contender.run(seed, command, &trial.settings));
        runs.back().folder = folder_of(contender, trial) / std::to_string(seed);
      }
    }
  }
  const std::vector<nlohmann::json> results = finish(runs, command);
  auto result = results.begin();
  for (std::size_t c = 0; c < all.size(); ++c) {
    for (Trial& trial : trials[c]) {
      for (std::size_t s = 0; s < std::size(kTrialSeeds); ++s) trial.take(*result++);
    }
    Contender& contender = all[c];
    const Trial& best = best_of(trials[c]);
    contender.tuned =
        fmt::format("{}, {}: {:.3f} is the best of {} settings x {} seeds, with {}", contender.task, contender.memory,
                    best.success(), trials[c].size(), std::size(kTrialSeeds),
                    best.settings.empty() ? "the config's own" : fmt::format("{}", fmt::join(best.settings, " ")));
    write_file_atomically(contender.folder / "tuning.json", tuning_json(command.ranges, trials[c]).dump(1) + "\n");
    contender.folder = folder_of(contender, best);
    contender.own.insert(contender.own.end(), best.settings.begin(), best.settings.end());
  }
}

}  // namespace

int compare(const CompareCommand& command) {
  std::vector<Contender> all = contenders(command);
  if (command.tune == 0 && !command.ranges.empty()) throw Error("--range: of what? It belongs to --tune N");
  if (command.tune > 0) tune(all, command);
  std::vector<ComparedRun> runs;
  std::string tuned;
  for (const Contender& contender : all) {
    for (int seed = 1; seed <= command.seeds; ++seed) runs.push_back(contender.run(seed, command));
    if (!contender.tuned.empty()) tuned += contender.tuned + "\n";
  }
  const std::vector<nlohmann::json> results = finish(runs, command);
  const std::vector<ComparedRow> rows = summarise(results, command.solved);
  const fs::path report = fs::path(command.out) / "report";
  if (!tuned.empty()) tuned = "\nTuned within " + fmt::format("{}", fmt::join(command.ranges, ", ")) + ":\n" + tuned;
  write_file_atomically(report.string() + ".txt", table_text(rows) + tuned);
  write_file_atomically(report.string() + ".html", report_page(rows, results));
  fmt::print("\n{}{}\n{}.html has the curves; each run's folder its episodes\n", table_text(rows), tuned,
             report.string());
  return 0;
}

}  // namespace wane
