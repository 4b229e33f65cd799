#include "apps/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

#include "apps/compare_report.h"
#include "configs/describe.h"
#include "configs/error.h"
#include "envs/rng.h"

namespace wane {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error("--range " + text + ": " + why);
}

constexpr const char* kForms = "expected KEY=[LOW,HIGH] or KEY=A|B|C";

double number_of(std::string word, const std::string& text) {
  std::erase(word, ' ');
  double value = 0;
  if (!read_number(word, value)) refuse(text, kForms);
  return value;
}

/// Of a world's setting nothing is known here.
bool is_whole(const std::string& name, const std::string& ends) {
  Settings settings;
  if (const Key* key = find_key(name)) return !std::holds_alternative<double*>(key->place(settings));
  return ends.find_first_not_of("0123456789-, ") == ends.npos;
}

TuningRange range_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) refuse(text, kForms);
  TuningRange range{.key = text.substr(0, equals)};
  const std::string value = text.substr(equals + 1);
  if (range.key == "memory.kind" || range.key == "train.seed" || range.key.starts_with("train.stop."))
    refuse(text, "a comparison sets this itself");
  if (value.find('|') != value.npos || value.front() != '[') {
    range.words = split(value, '|');
    return range;
  }
  const std::string ends = value.substr(1, value.size() - 2);
  const std::vector<std::string> both = split(ends, ',');
  if (value.back() != ']' || both.size() != 2) refuse(text, kForms);
  range.low = number_of(both[0], text);
  range.high = number_of(both[1], text);
  range.whole = is_whole(range.key, ends);
  if (range.low > range.high) refuse(text, "expected the lower end first");
  return range;
}

/// share: 0..1 of the range. Four digits are enough of a draw.
std::string value_at(const TuningRange& range, double share) {
  if (!range.words.empty())
    return range.words[std::min(range.words.size() - 1, std::size_t(share * double(range.words.size())))];
  const double exact = range.low > 0 ? range.low * std::pow(range.high / range.low, share)
                                     : range.low + (range.high - range.low) * share;
  const double rounded = range.whole ? std::round(exact) : std::stod(fmt::format("{:.4g}", exact));
  return number_text(std::clamp(rounded, range.low, range.high));
}

std::string section_of(const std::string& key) { return key.substr(0, key.find('.')); }

/// A section that belongs to one kind of memory.
bool is_a_kind(const std::string& section) {
  Settings scratch;
  return set_value(*find_key("memory.kind"), scratch, section).empty();
}

bool concerns(const TuningRange& range, const std::vector<std::string>& own) {
  const std::string section = section_of(range.key);
  const auto fixes = [&](const std::string& word) { return word.starts_with(range.key + "="); };
  if (std::ranges::any_of(own, fixes)) return false;
  return !is_a_kind(section) || std::ranges::find(own, "memory.kind=" + section) != own.end();
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::vector<TuningRange> tuning_ranges(const std::vector<std::string>& texts) {
  if (texts.empty()) throw Error("--tune: within what? Give --range KEY=[LOW,HIGH], once or more");
  std::vector<TuningRange> ranges;
  std::set<std::string> keys;
  for (const std::string& text : texts) {
    ranges.push_back(range_of(text));
    if (!keys.insert(ranges.back().key).second) refuse(text, "given twice");
  }
  return ranges;
}

void Trial::take(const nlohmann::json& result) {
  live_slots.push_back(wane::live_slots(result["greedy"]));
  successes.push_back(result["greedy"]["success"]);
  std::vector<double> evaluations;
  for (const nlohmann::json& point : result["curve"]) evaluations.push_back(point[1]);
  on_the_way.push_back(evaluations.empty() ? 0 : mean(evaluations));
}

double Trial::success() const { return mean(successes); }
double Trial::slots() const { return mean(live_slots); }
double Trial::early() const { return mean(on_the_way); }

std::vector<Trial> draw_trials(const std::vector<TuningRange>& ranges, const std::vector<std::string>& own,
                               int number) {
  std::vector<Trial> trials;
  for (int k = 0; k < number; ++k) {
    Trial trial{k, {}};
    for (std::size_t r = 0; k > 0 && r < ranges.size(); ++r) {
      const double share = uniform01(Purpose::tuning, 0, static_cast<std::uint32_t>(r), static_cast<std::uint64_t>(k));
      if (concerns(ranges[r], own)) trial.settings.push_back(ranges[r].key + "=" + value_at(ranges[r], share));
    }
    if (std::ranges::find(trials, trial.settings, &Trial::settings) == trials.end()) trials.push_back(std::move(trial));
  }
  return trials;
}

const Trial& best_of(const std::vector<Trial>& trials) {
  return *std::ranges::max_element(
      trials, {}, [](const Trial& trial) { return std::tuple(trial.success(), -trial.slots(), trial.early()); });
}

nlohmann::json tuning_json(const std::vector<std::string>& ranges, const std::vector<Trial>& trials) {
  nlohmann::json all = {{"ranges", ranges}, {"best", best_of(trials).settings}, {"trials", nlohmann::json::array()}};
  for (const Trial& trial : trials)
    all["trials"].push_back({{"settings", trial.settings},
                             {"successes", trial.successes},
                             {"live_slots", trial.live_slots},
                             {"on_the_way", trial.on_the_way}});
  return all;
}

}  // namespace wane
