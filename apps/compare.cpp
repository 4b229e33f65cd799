// wane compare: each memory on each task, seed by seed, after as many trials of settings for each as are asked for.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agents/checkpoint.h"
#include "apps/commands.h"
#include "apps/compare_runs.h"
#include "apps/tuning.h"
#include "configs/error.h"
#include "configs/reader.h"
#include "configs/write_file.h"

namespace wane {
namespace {

namespace fs = std::filesystem;

constexpr int kTrialSeeds[] = {1'000'001, 1'000'002};  // none that is reported

/// KIND[:key=value …] -> overrides.
std::vector<std::string> memory_overrides(const std::string& words) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= words.size();) {
    const std::size_t to = std::min(words.find(':', from), words.size());
    out.push_back((from ? "" : "memory.kind=") + words.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

std::string folder_name(std::string memory) {
  for (char& c : memory)
    if (c == ':' || c == '/' || c == ' ') c = '_';
  return memory;
}

/// A memory on a task, with the settings that it enters with.
struct Contender {
  std::string task, memory, config;
  std::vector<std::string> overrides;
  fs::path folder;
  std::string tuned = {};  // what its tuning found, in words

  ComparedRun run(int seed, const std::vector<std::string>& more, const fs::path& where, bool trial,
                  int episodes) const {
    ComparedRun run{task, memory, overrides, config, seed, where, {}, trial};
    run.overrides.insert(run.overrides.end(), more.begin(), more.end());
    run.overrides.push_back("train.stop.success=0");  // a fixed budget for all
    run.overrides.push_back("train.seed=" + std::to_string(seed));
    const std::string resolved = write_settings(read_settings(config, run.overrides), false);
    run.hash = fmt::format("{:016x}", checksum(resolved + std::to_string(episodes)));
    return run;
  }
};

std::vector<Contender> contenders(const CompareCommand& command) {
  if (command.configs.empty()) throw Error("which configs? `wane compare configs/corridor.yaml`");
  std::vector<Contender> all;
  for (const std::string& config : command.configs) {
    for (const std::string& memory : command.memories) {
      const std::string task = fs::path(config).stem();
      all.push_back({task, memory, config, command.overrides, fs::path(command.out) / task / folder_name(memory)});
      for (std::string& word : memory_overrides(memory)) all.back().overrides.push_back(std::move(word));
    }
  }
  return all;
}

/// Tries `command.tune` settings of each, and gives it the best of them.
void tune(std::vector<Contender>& all, const CompareCommand& command) {
  const std::vector<TuningRange> ranges = tuning_ranges(command.ranges);
  std::vector<ComparedRun> runs;
  std::vector<std::vector<Trial>> trials;
  for (const Contender& contender : all) {
    const Settings settings = read_settings(contender.config, contender.overrides);
    for (const std::string& end : ends_of(ranges)) contender.run(1, {end}, {}, true, 0);  // what is out of range throws
    trials.push_back(draw_trials(ranges, settings.memory.kind, command.tune));
    for (std::size_t k = 0; k < trials.back().size(); ++k) {
      for (const int seed : kTrialSeeds)
        runs.push_back(contender.run(seed, trials.back()[k].settings,
                                     contender.folder / "tuning" / std::to_string(k) / std::to_string(seed), true,
                                     command.episodes));
    }
  }
  const std::vector<nlohmann::json> results = finish(runs, command);
  auto result = results.begin();
  for (std::size_t c = 0; c < all.size(); ++c) {
    for (Trial& trial : trials[c]) {
      for (std::size_t s = 0; s < std::size(kTrialSeeds); ++s) trial.take((*result++)["greedy"]);
    }
    const Trial& best = best_of(trials[c]);
    all[c].overrides.insert(all[c].overrides.end(), best.settings.begin(), best.settings.end());
    all[c].tuned =
        fmt::format("{}, {}: {:.3f} is the best of {} settings x {} seeds, with {}", all[c].task, all[c].memory,
                    best.success, trials[c].size(), std::size(kTrialSeeds),
                    best.settings.empty() ? "the config's own" : fmt::format("{}", fmt::join(best.settings, " ")));
    write_file_atomically(all[c].folder / "tuning.json", tuning_json(command.ranges, trials[c]).dump(1) + "\n");
  }
}

}  // namespace

int compare(const CompareCommand& command) {
  std::vector<Contender> all = contenders(command);
  if (command.tune > 0) tune(all, command);
  std::vector<ComparedRun> runs;
  std::string tuned;
  for (const Contender& contender : all) {
    for (int seed = 1; seed <= command.seeds; ++seed)
      runs.push_back(contender.run(seed, {}, contender.folder / std::to_string(seed), false, command.episodes));
    if (!contender.tuned.empty()) tuned += contender.tuned + "\n";
  }
  const std::vector<nlohmann::json> results = finish(runs, command);
  const std::vector<ComparedRow> rows = summarise(results);
  const fs::path report = fs::path(command.out) / "report";
  if (!tuned.empty()) tuned = "\nTuned within " + fmt::format("{}", fmt::join(command.ranges, ", ")) + ":\n" + tuned;
  write_file_atomically(report.string() + ".txt", table_text(rows) + tuned);
  write_file_atomically(report.string() + ".html", report_page(rows, results));
  fmt::print("\n{}{}\n{}.html has the curves; each run's folder its episodes\n", table_text(rows), tuned,
             report.string());
  return 0;
}

}  // namespace wane
