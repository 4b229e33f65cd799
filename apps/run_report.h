#pragma once
// What a training run shows and writes down: progress on screen, rows in the log, evaluations, the closing summary.

#include <chrono>
#include <memory>
#include <optional>

#include "agents/training.h"
#include "apps/commands.h"
#include "apps/progress.h"
#include "apps/run_folder.h"
#include "apps/run_log.h"

namespace wane {

struct Run {
  RunFolder folder;
  std::unique_ptr<Training> training;
  bool resumed = false;
  std::shared_ptr<const void> held;  // while we train, nobody else does
};

/// A new run: its folder with the resolved configuration, and a first checkpoint, so that there is always one to load.
Run start_run(const TrainCommand& command);
/// The run in `command.resume`, at its latest checkpoint.
Run resume_run(const TrainCommand& command);

class RunReport {
 public:
  explicit RunReport(Run& run);

  void show();  // the screen, after every update
  void row();   // a row of the log: means over the updates since the last one

  /// Frozen weights, full difficulty, fresh episodes. True where no evaluation of the run was better: success to whole
  /// percents first, then fewer live slots.
  bool evaluate();
  bool solved() const;  // the last evaluation fulfils train.stop

  void summary(bool solved);
  void paused();
  void interrupted();

 private:
  ProgressState state() const;
  std::string why_spans_were_not_taught() const;  // empty where no reason is known
  void close(const std::string& line);            // ends the progress display, then a closing line
  double seconds() const;
  std::vector<std::pair<std::string, double>> values();

  Run& run_;
  Training& training_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::int64_t first_frame_;
  RunLog log_;
  std::optional<ProgressDisplay> display_{std::in_place, stdout};
  std::vector<LayerProgress> last_layers_;      // as of the last row: what is shown before the next step
  std::optional<Evaluation> greedy_, sampled_;  // the last ones
  bool fresh_evaluation_ = false;               // not yet in the log
  bool faded_ = false;                          // since we began, some slot was on its ramp
};

}  // namespace wane
