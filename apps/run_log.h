#pragma once
// What a run writes down: rows of (tag, value) at a number of frames, into `progress.csv` and TensorBoard's event file.
//
//   RunLog log(folder, {"rollout/success_rate", "time/fps"});           // a new run
//   RunLog log(folder, {"rollout/success_rate", "time/fps"}, 102'400);  // resumed from the checkpoint at 102,400
//   log.row(122'880, std::vector<std::pair<std::string, double>>{{"rollout/success_rate", 0.5}});
//
// progress.csv: a header line `time/total_timesteps,<columns>`, then one line per row. A value that a row does not have
// is an empty cell. Numbers are the shortest text that reads back as the same double, so equal runs have equal rows,
// byte for byte.
//
// On resume, rows past the checkpoint and a half-written last line are cut from progress.csv, and TensorBoard is told
// to forget the same rows. What a row has written survives a kill -9 right after it.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/event_writer.h"
#include "configs/write_file.h"

namespace wane {

class RunLog {
 public:
  /// `folder` must exist; `columns` are tags, without `time/total_timesteps`, which is always first. resume_at < 0: a
  /// new run; Error where progress.csv is already there. resume_at >= 0: rows with frames > resume_at are cut; Error
  /// where the header differs from `columns` or a line does not begin with its frames. A resumed run whose progress.csv
  /// was deleted starts an empty one.
  RunLog(const std::filesystem::path& folder, std::vector<std::string> columns, std::int64_t resume_at = -1);

  /// One row. `frames` never falls from row to row; each tag is a column and comes once (anything else is a bug of
  /// ours: check). Error, naming the file and the system's reason, where it cannot be written.
  void row(std::int64_t frames, std::span<const std::pair<std::string, double>> values);

 private:
  std::vector<std::string> columns_;
  std::int64_t last_frames_;
  std::optional<AppendedFile> csv_;  // opened once progress.csv is as it should be
  std::optional<EventWriter> events_;
};

}  // namespace wane
