#include "apps/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>

#include "configs/describe.h"
#include "configs/error.h"
#include "envs/rng.h"

namespace wane {
namespace {

constexpr std::array<std::string_view, 3> kSectionsOfKinds = {"expire_span", "adaptive_span", "compressive"};

double number_of(std::string_view word, const std::string& text) {
  double value = 0;
  if (!read_number(word, value)) throw Error("--range " + text + ": expected KEY=[LOW,HIGH] or KEY=A|B|C");
  return value;
}

/// A setting that holds a whole number; a world's, of which nothing is known here, where both ends are written so.
bool is_whole(const std::string& name, const std::string& ends) {
  Settings settings;
  if (const Key* key = find_key(name)) return !std::holds_alternative<double*>(key->place(settings));
  return ends.find_first_not_of("0123456789-") == ends.npos;
}

TuningRange range_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) number_of("", text);
  TuningRange range{.key = text.substr(0, equals)};
  std::string_view value = std::string_view(text).substr(equals + 1);
  if (value.front() != '[') {
    for (std::size_t from = 0; from <= value.size();) {
      const std::size_t to = std::min(value.find('|', from), value.size());
      range.words.emplace_back(value.substr(from, to - from));
      from = to + 1;
    }
    return range;
  }
  const std::size_t comma = value.find(',');
  if (value.back() != ']' || comma == value.npos) number_of("", text);
  const std::string_view lo = value.substr(1, comma - 1), hi = value.substr(comma + 1, value.size() - comma - 2);
  range.lo = number_of(lo, text);
  range.hi = number_of(hi, text);
  range.whole = is_whole(range.key, std::string(lo) + std::string(hi));
  if (range.lo > range.hi) throw Error("--range " + text + ": expected the lower end first");
  return range;
}

std::string text_of(const TuningRange& range, double value) {
  return range.whole ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

/// share: 0..1 of the range.
std::string value_at(const TuningRange& range, double share) {
  if (!range.words.empty())
    return range.words[std::min(range.words.size() - 1, std::size_t(share * double(range.words.size())))];
  if (range.lo > 0) return text_of(range, range.lo * std::pow(range.hi / range.lo, share));
  return text_of(range, range.lo + (range.hi - range.lo) * share);
}

bool concerns(const TuningRange& range, const std::string& kind) {
  const std::string section = range.key.substr(0, range.key.find('.'));
  return section == kind || std::ranges::find(kSectionsOfKinds, section) == kSectionsOfKinds.end();
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

}  // namespace

std::vector<TuningRange> tuning_ranges(const std::vector<std::string>& texts) {
  if (texts.empty()) throw Error("--tune: within what? Give --range KEY=[LOW,HIGH], once or more");
  std::vector<TuningRange> ranges;
  for (const std::string& text : texts) ranges.push_back(range_of(text));
  return ranges;
}

std::vector<std::string> ends_of(const std::vector<TuningRange>& ranges) {
  std::vector<std::string> ends;
  for (const TuningRange& range : ranges) {
    for (const std::string& word : range.words) ends.push_back(range.key + "=" + word);
    if (range.words.empty()) {
      ends.push_back(range.key + "=" + text_of(range, range.lo));
      ends.push_back(range.key + "=" + text_of(range, range.hi));
    }
  }
  return ends;
}

void Trial::take(const nlohmann::json& evaluation) {
  double slots = 0;
  for (const auto& layer : evaluation["layers"]) slots += layer["live_slots_mean"].get<double>();
  live_slots = (live_slots * double(successes.size()) + slots) / double(successes.size() + 1);
  successes.push_back(evaluation["success"]);
  success = mean(successes);
}

std::vector<Trial> draw_trials(const std::vector<TuningRange>& ranges, const std::string& kind, int number) {
  std::vector<Trial> trials(static_cast<std::size_t>(number));
  for (std::size_t k = 1; k < trials.size(); ++k) {
    for (std::size_t r = 0; r < ranges.size(); ++r) {
      const double share = uniform01(Purpose::tuning, 0, static_cast<std::uint32_t>(r), k);
      if (concerns(ranges[r], kind)) trials[k].settings.push_back(ranges[r].key + "=" + value_at(ranges[r], share));
    }
  }
  return trials;
}

const Trial& best_of(const std::vector<Trial>& trials) {
  return *std::ranges::max_element(trials, {},
                                   [](const Trial& trial) { return std::pair(trial.success, -trial.live_slots); });
}

nlohmann::json tuning_json(const std::vector<std::string>& ranges, const std::vector<Trial>& trials) {
  nlohmann::json all = {{"ranges", ranges}, {"best", best_of(trials).settings}, {"trials", nlohmann::json::array()}};
  for (const Trial& trial : trials)
    all["trials"].push_back(
        {{"settings", trial.settings}, {"successes", trial.successes}, {"live_slots", trial.live_slots}});
  return all;
}

}  // namespace wane
