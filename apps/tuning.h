#pragma once
// Settings tried at random for a memory before it is compared: as many for each, from ranges that are printed.
//
//   const auto ranges = tuning_ranges({"optimiser.learning_rate=[2e-4,2e-3]", "train.steps=16|32|64"});
//   std::vector<Trial> trials = draw_trials(ranges, "gru", 20);   // the first one changes nothing
//   trials[0].take(evaluation_json); …
//   best_of(trials).settings   // overrides

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace wane {

/// KEY=[LO,HI]: a number between them, its logarithm even where LO is above 0; a whole one where the
/// setting is (of a world's: where both ends are written so).
/// KEY=A|B|C: one of these words.
struct TuningRange {
  std::string key;
  double lo = 0, hi = 0;
  bool whole = false;
  std::vector<std::string> words = {};  // none: lo and hi count
};

/// Throws Error for what is not of these forms.
std::vector<TuningRange> tuning_ranges(const std::vector<std::string>& texts);

/// Overrides at the ranges' ends, and for each word: whatever a trial draws is allowed where these are.
std::vector<std::string> ends_of(const std::vector<TuningRange>& ranges);

/// Settings that are tried, and how they did.
struct Trial {
  std::vector<std::string> settings;  // overrides
  std::vector<double> successes = {};
  double success = 0, live_slots = 0;  // means over seeds; slots summed over layers

  void take(const nlohmann::json& evaluation);  // of one seed, as `wane eval --json` prints it
};

/// `number` trials for a memory of this kind. Settings of another kind's own section are left out; trial k draws the
/// same of a range for every memory. The first trial changes nothing.
std::vector<Trial> draw_trials(const std::vector<TuningRange>& ranges, const std::string& kind, int number);

/// The greatest success; of equal ones the fewest slots, then the first.
const Trial& best_of(const std::vector<Trial>& trials);

nlohmann::json tuning_json(const std::vector<std::string>& ranges, const std::vector<Trial>& trials);

}  // namespace wane
