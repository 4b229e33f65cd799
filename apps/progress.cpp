#include "apps/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

namespace wane {
namespace {

constexpr int kLeastBar = 10, kMostBar = 48;     // columns
constexpr int kLeastCurve = 4, kMostCurve = 12;  // columns; shorter ones are left out

constexpr std::string_view kDim = "2", kGreen = "32", kCyan = "36", kBold = "1";  // SGR codes (ECMA-48 §8.3.117)

/// A line that is built piece by piece, and knows how many columns it takes: every character here is one column wide.
struct Line {
  explicit Line(bool in_colour) : colour(in_colour) {}

  bool colour;
  int columns = 0;
  std::string text;

  Line& add(std::string_view piece, std::string_view style = "") {
    const bool styled = colour && !style.empty() && !piece.empty();
    if (styled) text += fmt::format("\x1b[{}m", style);
    text += piece;
    if (styled) text += "\x1b[0m";
    columns += static_cast<int>(std::count_if(piece.begin(), piece.end(), [](char c) { return (c & 0xc0) != 0x80; }));
    return *this;
  }
};

std::string repeated(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

/// 1234567 -> "1,234,567"
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

/// 53 -> "0:53", 3725 -> "1:02:05"
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::clamp(seconds, 0.0, 3.6e8));
  const std::int64_t hours = whole / 3600, minutes = whole / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60)
                   : fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string percent(double share, int digits) {
  if (!std::isfinite(share)) return "-";
  const double scale = digits == 0 ? 1 : 10;
  return fmt::format("{:.{}f} %", std::floor(share * 100 * scale + 1e-6) / scale, digits);
}

/// Three digits are enough to watch: 5.94, 12.3, 180.
std::string short_number(double number) {
  if (!std::isfinite(number)) return "-";
  return fmt::format("{:.{}f}", number, std::abs(number) < 9.995 ? 2 : std::abs(number) < 99.95 ? 1 : 0);
}

/// The whole curve in at most `width` block characters, each the mean of its share of the points, between `low` and
/// `high`.
std::string curve_text(std::span<const double> points, double low, double high, int width) {
  static constexpr std::string_view kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t cells = std::min(points.size(), static_cast<std::size_t>(width));
  std::string text;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const auto part =
        points.subspan(cell * points.size() / cells, (cell + 1) * points.size() / cells - cell * points.size() / cells);
    double sum = 0;
    for (const double point : part) sum += point;
    const double height = high > low ? (sum / static_cast<double>(part.size()) - low) / (high - low) : 0;
    text += kBlocks[static_cast<int>(std::clamp(height, 0.0, 1.0) * 7 + 0.5)];
  }
  return text;
}

double share_done(const ProgressState& state) {
  if (state.frames_end <= 0) return 0;
  return std::clamp(static_cast<double>(state.frames) / static_cast<double>(state.frames_end), 0.0, 1.0);
}

std::string time_text(const ProgressState& state) {
  if (state.finished) return "in " + clock_text(state.seconds);
  if (!(state.frames_per_second > 0)) return "";
  return clock_text(static_cast<double>(state.frames_end - state.frames) / state.frames_per_second) + " left";
}

/// One fact: name, value, curve of it so far. The name may be empty.
struct Fact {
  std::string name, value, curve;
  std::string_view style = "";  // of the value
};

std::string_view success_style(double share) { return share >= 0.95 ? kGreen : std::string_view(); }

std::string per_layer(const std::vector<LayerProgress>& layers, double LayerProgress::*what) {
  std::string text;
  for (const LayerProgress& layer : layers) text += (text.empty() ? "" : " · ") + short_number(layer.*what);
  return text;
}

/// Numbers that grow take the room they will need at the end, so that nothing moves sideways.
std::vector<Fact> progress_facts(const ProgressState& state) {
  const std::string frames = grouped(state.frames), frames_end = grouped(state.frames_end);
  std::vector<Fact> facts;
  if (state.finished) {
    facts = {{"", "done", "", kGreen}, {"", frames + " frames", ""}};
  } else {
    facts = {{"", fmt::format("{:>5}", percent(share_done(state), 0)), "", kBold},
             {"", fmt::format("{:>{}} of {} frames", frames, frames_end.size(), frames_end), ""}};
  }
  if (const std::string time = time_text(state); !time.empty()) facts.push_back({"", time, "", kCyan});
  if (state.frames_per_second > 0) {
    facts.push_back({"", grouped(std::llround(state.frames_per_second)) + " frames/s", "", kDim});
  }
  return facts;
}

/// curve: columns for each curve, 0 = none.
std::vector<Fact> learning_facts(const ProgressState& state, int curve) {
  std::vector<Fact> facts;
  if (state.success) {
    facts.push_back({"success", percent(*state.success, 1), curve_text(state.success_curve, 0, 1, curve),
                     success_style(*state.success)});
  }
  if (state.evaluated) facts.push_back({"eval", percent(*state.evaluated, 1), "", success_style(*state.evaluated)});
  if (state.length) facts.push_back({"length", short_number(*state.length), ""});
  if (state.layers.empty()) return facts;
  const auto& slots = state.live_slots_curve;
  const double most = slots.empty() ? 0 : *std::max_element(slots.begin(), slots.end());
  facts.push_back(
      {"live slots", per_layer(state.layers, &LayerProgress::live_slots), curve_text(slots, 0, most, curve)});
  facts.push_back({"span", per_layer(state.layers, &LayerProgress::span), ""});
  return facts;
}

Line fact_line(const Fact& fact, bool colour) {
  Line line(colour);
  if (!fact.name.empty()) line.add(fact.name, kDim).add(" ");
  line.add(fact.value, fact.style);
  if (!fact.curve.empty()) line.add(" ").add(fact.curve, kCyan);
  return line;
}

/// As many facts as fit, two spaces apart.
Line facts_line(const std::vector<Fact>& facts, int width, bool colour) {
  Line line(colour);
  for (const Fact& fact : facts) {
    const Line piece = fact_line(fact, colour);
    const int gap = line.columns > 0 ? 2 : 0;
    if (line.columns + gap + piece.columns > width) break;
    line.text += std::string(static_cast<std::size_t>(gap), ' ') + piece.text;
    line.columns += gap + piece.columns;
  }
  return line;
}

constexpr int kEndless = 1 << 20;  // columns

int columns_of(const std::vector<Fact>& facts) { return facts_line(facts, kEndless, false).columns; }

Line bar(double share, int width, bool finished, bool colour) {
  const int halves = finished ? 2 * width : std::min(static_cast<int>(share * 2 * width), 2 * width - 1);
  const bool half = halves % 2 == 1;
  Line line(colour);
  line.add(repeated("━", halves / 2) + (half ? "╸" : ""), finished ? kGreen : kCyan);
  line.add(repeated("─", width - halves / 2 - (half ? 1 : 0)), kDim);
  return line;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_terminal(std::FILE* out) {
  const char* kind = std::getenv("TERM");
  return ::isatty(::fileno(out)) == 1 && (kind == nullptr || std::string_view(kind) != "dumb");
}

int terminal_width(std::FILE* out) {
  winsize size{};
  return ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string progress_line(const ProgressState& state, int width, bool colour) {
  const std::vector<Fact> progress = progress_facts(state);
  const int bar_width = std::min(kMostBar, width - 2 - columns_of(progress));
  std::string text;
  if (bar_width >= kLeastBar) text = bar(share_done(state), bar_width, state.finished, colour).text + "  ";
  text += facts_line(progress, width - (text.empty() ? 0 : bar_width + 2), colour).text;

  int curve = kMostCurve;
  while (curve >= kLeastCurve && columns_of(learning_facts(state, curve)) > width) --curve;
  return text + "\n" + facts_line(learning_facts(state, curve >= kLeastCurve ? curve : 0), width, colour).text;
}

std::string plain_progress_line(const ProgressState& state) {
  std::vector<Fact> facts = progress_facts(state);
  for (Fact& fact : learning_facts(state, 0)) facts.push_back(std::move(fact));
  const std::string text = facts_line(facts, kEndless, false).text;
  return text.substr(text.find_first_not_of(' '));
}

ProgressDisplay::ProgressDisplay(std::FILE* out)
    : out_(out), terminal_(is_terminal(out)), colour_(terminal_ && !is_set("NO_COLOR")) {}

ProgressDisplay::~ProgressDisplay() {
  if (!drawn_.empty()) put("\n");
}

void ProgressDisplay::show(ProgressState state) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (!state.finished && now - last_draw_ < std::chrono::milliseconds(100))) return;
  last_draw_ = now;
  draw(std::move(state));
}

void ProgressDisplay::row(ProgressState state) {
  if (state.success) success_curve_.push_back(*state.success);
  if (!state.layers.empty()) live_slots_curve_.push_back(state.layers.front().live_slots);
  if (terminal_) return draw(std::move(state));
  put(plain_progress_line(state) + "\n");
}

void ProgressDisplay::say(std::string_view line) {
  put(fmt::format("{}{}\n{}", drawn_.empty() ? "" : "\r\x1b[A\x1b[J", line, drawn_));
}

/// Overwrites in place, then clears the rest of each line: erasing first would flicker. Before, the cursor stands at
/// the end of the second line.
void ProgressDisplay::draw(ProgressState state) {
  state.success_curve = success_curve_;
  state.live_slots_curve = live_slots_curve_;
  const bool first = drawn_.empty();
  drawn_ = progress_line(state, terminal_width(out_) - 1, colour_);  // a full last column would wrap on some terminals
  const std::size_t end = drawn_.find('\n');
  put(fmt::format("{}{}\x1b[K{}\x1b[K", first ? "" : "\r\x1b[A", drawn_.substr(0, end), drawn_.substr(end)));
}

/// In one write, so that no half picture shows.
void ProgressDisplay::put(std::string_view text) {
  std::fflush(out_);
  [[maybe_unused]] const ssize_t ignored = ::write(::fileno(out_), text.data(), text.size());
}

}  // namespace wane
