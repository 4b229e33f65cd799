#pragma once
// What a user watches while an agent trains. On a terminal two lines that overwrite themselves:
//
//   ━━━━━━━━━━━━━━━━╸──────────────────────   42 %    630,784 of 1,500,000 frames  0:53 left  16,214 frames/s
//   success 98.2 % ▁▁▂▄▆███  eval 99.6 %  length 103  live slots 12.3 █▇▅▃▂▁▁  span 180
//
// anywhere else (a pipe, a file, TERM=dumb) one plain line per log row, no escape codes.
//
//   ProgressDisplay display(stdout);
//   display.show(state);          // as often as one likes: every update
//   display.row(state);           // at every log row
//   display.say("checkpoint kept: runs/.../checkpoints/102400");
//
// Colours: none where NO_COLOR is set (no-color.org). Reads no setting and decides nothing: a run is the same without
// it.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wane {

struct LayerProgress {
  double live_slots = 0;  // mean per environment
  double span = 0;        // steps, mean over live slots
};

struct ProgressState {
  std::int64_t frames = 0;
  std::int64_t frames_end = 0;      // train.frames
  double frames_per_second = 0;     // 0 = not known yet
  double seconds = 0;               // since this process began to train
  bool finished = false;            // draws "done" and "in 1:32" in place of "42 %" and "0:53 left", and a full bar
  std::optional<double> success;    // 0..1, training window
  std::optional<double> evaluated;  // 0..1, last evaluation with frozen weights
  std::optional<double> length;     // steps, mean over the training window
  std::vector<LayerProgress> layers;
  std::vector<double> success_curve,
      live_slots_curve;  // one per log row so far, first layer; ProgressDisplay fills them in
};

/// The two lines above, joined by '\n', each at most `width` columns wide: a narrow terminal gets a shorter bar and
/// shorter curves, then none, then fewer facts, the last ones leave first. Percentages are rounded down: 99.96 % never
/// reads as 100 %.
std::string progress_line(const ProgressState& state, int width, bool colour);

/// The same facts on one line, without bar, curves and colour, however long.
std::string plain_progress_line(const ProgressState& state);

/// Writes progress to `out`, which must outlive it. The cursor is never hidden and every draw ends in an unstyled
/// state, so a killed process leaves a clean terminal; the destructor ends the last draw with a line end. Failed writes
/// are ignored.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(std::FILE* out);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// On a terminal: draws, at most ten times a second. Elsewhere: nothing.
  void show(ProgressState state);

  /// Remembers the row for the curves. On a terminal: draws. Elsewhere: one plain line.
  void row(ProgressState state);

  /// One line that stays, above the progress lines.
  void say(std::string_view line);

 private:
  void draw(ProgressState state);
  void put(std::string_view text);

  std::FILE* out_;
  bool terminal_;
  bool colour_;
  std::string drawn_;  // what stands on the terminal now, "" = nothing
  std::vector<double> success_curve_, live_slots_curve_;
  std::chrono::steady_clock::time_point last_draw_{};
};

}  // namespace wane
