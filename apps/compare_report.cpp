#include "apps/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include "apps/commit.h"
#include "apps/compare_page.h"
#include "configs/error.h"

namespace wane {
namespace {

using nlohmann::json;

json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  json value = json::parse(file, nullptr, false);
  if (value.is_discarded()) throw Error(path.string() + ": expected the JSON of an evaluation");
  return value;
}

/// progress.csv: a column by its name; an empty field is NaN.
struct Progress {
  std::map<std::string, std::vector<double>> columns;

  explicit Progress(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) throw Error(path.string() + ": expected a run's rows");
    const std::vector<std::string> names = fields(line);
    while (std::getline(file, line)) {
      const std::vector<std::string> row = fields(line);
      for (std::size_t i = 0; i < names.size(); ++i)
        columns[names[i]].push_back(i < row.size() && !row[i].empty() ? std::stod(row[i]) : NAN);
    }
  }
  static std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, ',');) out.push_back(field);
    return out;
  }
  const std::vector<double>& operator[](const std::string& name) const {
    static const std::vector<double> none;
    const auto found = columns.find(name);
    return found == columns.end() ? none : found->second;
  }
};

std::string frames_text(double frames) { return fmt::format("{:.2f} M", 1e-6 * frames); }

std::string megabytes_text(double bytes) { return bytes > 0 ? fmt::format("{:.2f} MB", 1e-6 * bytes) : "-"; }

std::vector<std::string> cells(const ComparedRow& row) {
  std::string spans;
  for (const double span : row.spans) spans += fmt::format("{}{:.1f}", spans.empty() ? "" : " ", span);
  return {row.task,
          row.memory,
          fmt::format("{:.3f} [{:.3f}, {:.3f}]", row.greedy.estimate, row.greedy.low, row.greedy.high),
          fmt::format("{:.3f}", row.worst),
          row.difference ? fmt::format("{:+.3f} [{:+.3f}, {:+.3f}]", row.difference->estimate, row.difference->low,
                                       row.difference->high)
                         : "-",
          fmt::format("{:.3f}", row.sampled.estimate),
          fmt::format("{} of {}{}", row.solved, row.seeds, row.solved ? ", " + frames_text(row.solved_at) : ""),
          row.live_max > 0 ? fmt::format("{:.1f} / {:.0f}", row.live_mean, row.live_max) : "-",
          megabytes_text(row.bytes),
          row.agent_bytes > 0 ? fmt::format("{:.1f} kB", 1e-3 * row.agent_bytes) : "-",
          fmt::format("{:.1f}", row.microseconds),
          std::ranges::any_of(row.spans, [](double span) { return span > 0; }) ? spans : "-",
          row.shuffled >= 0 ? fmt::format("{:.3f}", row.shuffled) : "-",
          fmt::format("{:.0f} k", 1e-3 * row.parameters)};
}

const std::vector<std::string> kHeads = {
    "task",     "memory",        "success, greedy",  "worst",           "less the first",
    "sampled",  "solved, when",  "slots mean / max", "bytes, training", "bytes, agent",
    "us/frame", "span by layer", "shuffled lives",   "parameters"};

}  // namespace

json read_run(const ComparedRun& run) {
  const json greedy = read_json(run.folder / "greedy.json");
  const Progress progress(run.folder / "progress.csv");
  const auto &frames = progress["time/total_timesteps"], &success = progress["eval/success_rate"];
  json curve = json::array();
  double bytes = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    double live = 0, held = 0;
    for (std::size_t l = 0; l < greedy["layers"].size(); ++l) {
      const std::string layer = "memory/layer" + std::to_string(l) + "/";
      live += progress[layer + "live_slots_mean"].at(i);
      held += progress[layer + "bytes"].at(i);
    }
    bytes = std::max(bytes, held);
    if (std::isnan(success.at(i))) continue;
    curve.push_back({frames[i], success[i], live});
  }
  const std::filesystem::path shuffled = run.folder / "shuffled.json";
  const double fps = progress["time/fps"].empty() ? 0 : progress["time/fps"].back();
  json result = {{"task", run.task},     {"memory", run.memory},       {"seed", run.seed},
                 {"config", run.config}, {"overrides", run.overrides}, {"hash", run.hash},
                 {"commit", kCommit},    {"greedy", greedy},           {"bytes", bytes},
                 {"curve", curve},       {"frames_per_second", fps}};
  if (!run.trial) result["sampled"] = read_json(run.folder / "sampled.json");
  if (std::filesystem::exists(shuffled)) result["shuffled"] = read_json(shuffled);
  return result;
}

std::vector<ComparedRow> summarise(const std::vector<json>& results, double solved) {
  std::vector<std::pair<std::string, std::string>> order;
  std::map<std::pair<std::string, std::string>, std::vector<const json*>> runs;
  for (const json& result : results) {
    const std::pair<std::string, std::string> key{result["task"], result["memory"]};
    if (!runs.contains(key)) order.push_back(key);
    runs[key].push_back(&result);
  }
  std::vector<ComparedRow> rows;
  std::map<std::string, std::vector<double>> firsts;  // by task: greedy success of its first memory's seeds
  for (const auto& key : order) {
    ComparedRow row{.task = key.first, .memory = key.second};
    std::vector<double> greedy, sampled, solved_at, microseconds, shuffled;
    for (const json* run : runs[key]) {
      ++row.seeds;
      greedy.push_back((*run)["greedy"]["success"]);
      sampled.push_back((*run)["sampled"]["success"]);
      const json& curve = (*run)["curve"];
      const auto first = std::ranges::find_if(curve, [&](const json& point) { return point[1] >= solved; });
      if (first != curve.end()) solved_at.push_back((*first)[0]);
      microseconds.push_back(1e6 / std::max(1.0, (*run)["frames_per_second"].get<double>()));
      row.bytes = std::max(row.bytes, (*run)["bytes"].get<double>());
      const json& layers = (*run)["greedy"]["layers"];
      row.live_mean += live_slots((*run)["greedy"]);
      row.spans.resize(layers.size());
      double most = 0, bytes = 0;
      for (std::size_t l = 0; l < layers.size(); ++l) {
        most += layers[l]["live_slots_max"].get<double>();
        bytes += layers[l].value("bytes_max", 0.0);  // results of before have none
        row.spans[l] += layers[l]["span_mean"].get<double>();
      }
      row.live_max = std::max(row.live_max, most);
      row.agent_bytes = std::max(row.agent_bytes, bytes);
      row.parameters = (*run)["greedy"].value("parameters", 0.0);
      if (run->contains("shuffled")) shuffled.push_back((*run)["shuffled"]["success"]);
    }
    if (!shuffled.empty())
      row.shuffled = std::accumulate(shuffled.begin(), shuffled.end(), 0.0) / double(shuffled.size());
    row.live_mean /= row.seeds;
    for (double& span : row.spans) span /= row.seeds;
    row.greedy = bootstrap_iqm(greedy);
    if (const auto [first, is_first] = firsts.try_emplace(row.task, greedy); !is_first)
      row.difference = bootstrap_difference(greedy, first->second);
    row.sampled = bootstrap_iqm(sampled);
    row.worst = *std::min_element(greedy.begin(), greedy.end());
    row.solved = int(solved_at.size());
    row.solved_at = median(solved_at);
    row.microseconds = median(microseconds);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string table_text(const std::vector<ComparedRow>& rows) {
  std::vector<std::vector<std::string>> table{kHeads};
  for (const ComparedRow& row : rows) table.push_back(cells(row));
  std::vector<std::size_t> width(kHeads.size(), 0);
  for (const auto& line : table)
    for (std::size_t i = 0; i < line.size(); ++i) width[i] = std::max(width[i], line[i].size());
  std::string out;
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size(); ++i) out += fmt::format("{:<{}}  ", line[i], width[i]);
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string report_page(const std::vector<ComparedRow>& rows, const std::vector<json>& results) {
  json data = {{"heads", kHeads}, {"rows", json::array()}, {"runs", json::array()}};
  for (const ComparedRow& row : rows) data["rows"].push_back(cells(row));
  for (const json& result : results) {
    const double share = result["greedy"]["success"], n = result["greedy"]["episodes"];
    const Interval interval = wilson(share, n);
    data["runs"].push_back({{"task", result["task"]},
                            {"memory", result["memory"]},
                            {"seed", result["seed"]},
                            {"success", {interval.estimate, interval.low, interval.high}},
                            {"slots", live_slots(result["greedy"])},
                            {"curve", result["curve"]}});
  }
  std::string page = kComparePage, text = data.dump();
  for (std::size_t at = 0; (at = text.find("</", at)) != std::string::npos;) text.replace(at, 2, "<\\/");
  return page.replace(page.find("/*DATA*/null"), std::string_view("/*DATA*/null").size(), text);
}

}  // namespace wane
