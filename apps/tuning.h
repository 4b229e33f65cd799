#pragma once
// Settings tried at random for a memory before it is compared: as many draws for each, from ranges that are printed.
//
//   const auto ranges = tuning_ranges({"optimiser.learning_rate=[2e-4,2e-3]", "train.steps=16|32|64"});
//   std::vector<Trial> trials = draw_trials(ranges, {"memory.kind=gru"}, 20);   // the first one changes nothing
//   trials[0].take(read_run(run)); …
//   best_of(trials).settings   // overrides

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace wane {

/// KEY=[LOW,HIGH]: a number between them, its logarithm even where LOW is above 0; a whole one where the setting is (of
/// a world's: where both ends are written so). KEY=A|B|C: one of these words.
struct TuningRange {
  std::string key;
  double low = 0, high = 0;
  bool whole = false;
  std::vector<std::string> words = {};  // none: low and high count
};

/// Throws Error for none, for what is not of these forms, for a key given twice, and for those that a comparison sets
/// itself: memory.kind, train.seed, train.stop.*.
std::vector<TuningRange> tuning_ranges(const std::vector<std::string>& texts);

/// Settings that are tried, and how they did.
struct Trial {
  int draw;                                             // which of `number`
  std::vector<std::string> settings;                    // overrides
  std::vector<double> successes = {}, live_slots = {};  // of the seeds, greedy; slots summed over layers
  std::vector<double> on_the_way = {};                  // of the seeds: mean success of the training's evaluations

  void take(const nlohmann::json& result);  // of one seed, as read_run gives it
  double success() const;                   // means over seeds
  double slots() const;
  double early() const;
};

/// `number` draws for a memory with these overrides of its own, the first of which changes nothing. A range is left out
/// where its key is among `own`, or in the section of another kind. Draw k is the same of a range for every memory.
/// What was drawn before is not tried again: there may be fewer trials than draws.
std::vector<Trial> draw_trials(const std::vector<TuningRange>& ranges, const std::vector<std::string>& own, int number);

/// The greatest success; of equal ones the fewest slots; of those who had it earliest: the greatest on the way.
const Trial& best_of(const std::vector<Trial>& trials);

nlohmann::json tuning_json(const std::vector<std::string>& ranges, const std::vector<Trial>& trials);

/// The parts of `text` between separators, empty ones included.
std::vector<std::string> split(const std::string& text, char separator);

}  // namespace wane
