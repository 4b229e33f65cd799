#pragma once
// What a comparison's runs have become: one JSON file per run is all that it reads.
//
//   const nlohmann::json result = read_run(run);   // from progress.csv and the evaluations' JSONs
//   const auto table = summarise(results, 0.97);
//   fmt::print("{}", table_text(table));  write_file_atomically("report.html", report_page(table, results));

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/statistics.h"

namespace wane {

struct ComparedRun {
  std::string task, memory;            // the config's name; as --memories names it
  std::vector<std::string> overrides;  // of the config, memory's own included
  std::string config;                  // path
  int seed;
  std::filesystem::path folder;
  std::string hash;    // of the resolved configuration
  bool trial = false;  // of settings: one evaluation, greedy
};

/// A row of the report: a memory on a task over seeds.
struct ComparedRow {
  std::string task, memory;
  int seeds = 0;
  Interval greedy{}, sampled{};          // interquartile means over seeds
  double worst = 1;                      // greedy success of the worst seed
  std::optional<Interval> difference{};  // of `greedy` from the task's first memory; none for that one itself
  int solved = 0;                        // seeds that ever were
  double solved_at = 0;                  // median frames of those
  double live_mean = 0, live_max = 0;    // slots per environment, summed over layers; mean and greatest over seeds
  double bytes = 0;                      // greatest of the run, all environments; 0 where there are no slots
  double agent_bytes = 0;                // LayerEvaluation::bytes_max over layers; greatest over seeds
  double microseconds = 0;               // per frame of training, median over seeds
  std::vector<double> spans{};           // (layers) steps, mean over seeds
  double parameters = 0;
  double shuffled = NAN;  // greedy success when slots live as long as others did, mean over seeds; NaN: no spans
};

/// Mean live slots per environment of an evaluation, summed over layers.
inline double live_slots(const nlohmann::json& evaluation) {
  double slots = 0;
  for (const auto& layer : evaluation["layers"]) slots += layer["live_slots_mean"].get<double>();
  return slots;
}

/// The run's result, from its folder. Throws Error where a file of it is missing or broken.
nlohmann::json read_run(const ComparedRun& run);

/// `solved`: success of an evaluation that counts as such.
std::vector<ComparedRow> summarise(const std::vector<nlohmann::json>& results, double solved);
std::string table_text(const std::vector<ComparedRow>& rows);

/// One self-contained HTML page: the table, and curves of success and live slots.
std::string report_page(const std::vector<ComparedRow>& rows, const std::vector<nlohmann::json>& results);

}  // namespace wane
