// apps/progress.h: what is drawn (pure), and what reaches a terminal (a pseudo terminal) or a file.

#include "apps/progress.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "tests/apps/temporary_folder.h"

namespace wane {
namespace {

ProgressState half_way() {
  ProgressState state;
  state.frames = 630'784;
  state.frames_end = 1'500'000;
  state.frames_per_second = 16'214.4;
  state.seconds = 39;
  state.success = 0.982;
  state.evaluated = 0.9999;
  state.length = 103.2;
  state.layers = {{12.34, 180.4}};
  state.success_curve = {0, 0.5, 1};
  state.live_slots_curve = {70, 35, 7};
  return state;
}

int columns_of(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Removes what begins with ESC [ and ends with a letter.
std::string without_escapes(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\x1b') {
      plain += text[at];
      continue;
    }
    while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) == 0) ++at;
  }
  return plain;
}

TEST(Progress, SaysEverythingOnTwoLines) {
  const std::string text = progress_line(half_way(), 110, false);
  EXPECT_EQ(columns_of(text.substr(0, text.find('\n'))), 110);
  EXPECT_EQ(
      text,
      "━━━━━━━━━━━━━━━━━━╸─────────────────────────   42 %    630,784 of 1,500,000 frames  0:53 left  16,214 frames/s\n"
      "success 98.2 % ▁▅█  eval 99.9 %  length 103  live slots 12.3 █▅▂  span 180");
}

TEST(Progress, ColourChangesNoCharacter) {
  const std::string colour = progress_line(half_way(), 110, true);
  EXPECT_NE(colour.find("\x1b[32m98.2 %\x1b[0m"), std::string::npos);
  EXPECT_EQ(without_escapes(colour), progress_line(half_way(), 110, false));
}

TEST(Progress, NoLineIsWiderThanTheTerminal) {
  ProgressState state = half_way();
  state.layers = {{12.3, 180}, {5.1, 90}, {2048, 10'000}};
  state.live_slots_curve.assign(300, 3);
  for (int width = 0; width <= 200; ++width) {
    const std::string text = progress_line(state, width, true);
    const std::string plain = without_escapes(text);
    const std::size_t end = plain.find('\n');
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(columns_of(plain.substr(0, end)), width);
    EXPECT_LE(columns_of(plain.substr(end + 1)), width);
    EXPECT_TRUE(width < 60 || plain.find("630,784 of") != std::string::npos) << width;
    EXPECT_TRUE(width < 60 || plain.find("eval 99.9 %") != std::string::npos) << width;
  }
  EXPECT_NE(progress_line(state, 110, false).find("live slots 12.3 · 5.10 · 2048"), std::string::npos);
}

TEST(Progress, CurvesShrinkOnANarrowTerminalAndNothingMovesSideways) {
  ProgressState state = half_way();
  state.success_curve.assign(300, 1);
  state.live_slots_curve.assign(300, 50);
  EXPECT_NE(progress_line(state, 110, false).find("████████████  span 180"), std::string::npos) << "12 at most";
  EXPECT_NE(progress_line(state, 79, false).find("live slots 12.3 ████"), std::string::npos);
  EXPECT_EQ(progress_line(state, 68, false).find("█"), std::string::npos);
  ProgressState early = state;
  early.frames = 1;
  early.frames_per_second *= 1.7;  // as many digits for the time left
  for (const int width : {79, 110}) {
    const std::string now = progress_line(state, width, false), then = progress_line(early, width, false);
    EXPECT_EQ(columns_of(now.substr(0, now.find("of 1,500,000"))),
              columns_of(then.substr(0, then.find("of 1,500,000"))));
  }
}

TEST(Progress, TimeIsWrittenAsAClock) {
  ProgressState state = half_way();
  state.frames_per_second = 100;
  EXPECT_NE(plain_progress_line(state).find("2:24:52 left"), std::string::npos);  // 869,216 frames
  state.frames_per_second = 0;
  EXPECT_EQ(plain_progress_line(state).find("left"), std::string::npos);
  EXPECT_EQ(plain_progress_line(state).find("frames/s"), std::string::npos);
  state.finished = true;
  state.seconds = 92.7;
  EXPECT_NE(plain_progress_line(state).find("in 1:32"), std::string::npos);
  const std::string text = progress_line(state, 110, false);
  EXPECT_EQ(text.find("─"), std::string::npos) << "a finished bar is full";
  EXPECT_NE(text.find("━  done  630,784 frames  in 1:32"), std::string::npos) << text;
}

TEST(Progress, PercentagesNeverFlatter) {
  ProgressState state = half_way();
  state.frames = state.frames_end - 1;
  state.success = 0.99999;
  state.evaluated = 0.29;  // 0.29 * 1000 is a little under 290 in binary
  const std::string text = progress_line(state, 110, false);
  EXPECT_NE(text.find("  99 %"), std::string::npos) << text;
  EXPECT_NE(text.find("╸"), std::string::npos) << text;
  EXPECT_NE(text.find("success 99.9 %"), std::string::npos) << text;
  EXPECT_NE(text.find("eval 29.0 %"), std::string::npos) << text;
}

TEST(Progress, StartsWithoutFactsAndWithoutAnEnd) {
  const std::string text = progress_line(ProgressState{}, 80, false);
  EXPECT_NE(text.find("0 %  0 of 0 frames"), std::string::npos) << text;
  EXPECT_EQ(text.back(), '\n') << "nothing is known of the learning yet";
}

// ---- The display ----------------------------------------------------------------------------------------------------

TEST(ProgressDisplay, WritesOnePlainLinePerRowToAFile) {
  const TemporaryFolder folder;
  std::FILE* file = std::fopen((folder.path / "out").c_str(), "w");
  {
    ProgressDisplay display(file);
    display.show(half_way());
    display.row(half_way());
    display.say("checkpoint kept");
    display.show(half_way());
  }
  std::fclose(file);
  EXPECT_EQ(text_of(folder.path / "out"),
            "42 %    630,784 of 1,500,000 frames  0:53 left  16,214 frames/s  success 98.2 %  eval 99.9 %  length 103  "
            "live slots 12.3  span 180\ncheckpoint kept\n");
}

/// What a ProgressDisplay sends to a terminal `columns` wide. Line ends arrive as "\r\n".
template <class Use>
std::string sent_to_a_terminal(unsigned short columns, Use use) {
  int controller = -1, terminal = -1;
  winsize size{24, columns, 0, 0};
  if (::openpty(&controller, &terminal, nullptr, nullptr, &size) != 0) return "no pseudo terminal";
  std::FILE* out = ::fdopen(terminal, "w");
  std::string sent;
  {
    ProgressDisplay display(out);
    use(display);
  }
  std::fclose(out);
  char buffer[4096];  // read until the terminal's other end is closed, and what was under way has come
  for (ssize_t got = 0; (got = ::read(controller, buffer, sizeof buffer)) > 0;)
    sent.append(buffer, static_cast<std::size_t>(got));
  ::close(controller);
  return sent;
}

TEST(ProgressDisplay, OverwritesItselfOnATerminalAndEndsTheLine) {
  ::setenv("TERM", "xterm", 1);
  ::setenv("NO_COLOR", "1", 1);
  const std::string sent = sent_to_a_terminal(111, [](ProgressDisplay& display) {
    display.row(half_way());
    display.row(half_way());
    display.show(half_way());
    display.show(half_way());  // within a tenth of a second: not drawn
    display.say("kept");
  });
  ProgressState state = half_way();
  const auto drawn = [&](std::size_t rows) {
    state.success_curve.assign(rows, 0.982);
    state.live_slots_curve.assign(rows, 12.34);
    std::string text = progress_line(state, 110, false);
    return text.replace(text.find('\n'), 1, "\x1b[K\r\n") + "\x1b[K";
  };
  std::string said = progress_line((drawn(2), state), 110, false);
  said.replace(said.find('\n'), 1, "\r\n");
  const std::string up = "\r\x1b[A";
  EXPECT_EQ(sent, drawn(1) + up + drawn(2) + up + drawn(2) + up + "\x1b[Jkept\r\n" + said + "\r\n");
}

TEST(ProgressDisplay, ColoursOnlyWhereTheyAreWanted) {
  const auto draw = [](ProgressDisplay& display) { display.row(half_way()); };
  ::setenv("TERM", "xterm", 1);
  ::setenv("NO_COLOR", "", 1);  // empty counts as not set
  EXPECT_NE(sent_to_a_terminal(80, draw).find("\x1b[36m"), std::string::npos);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(sent_to_a_terminal(80, draw).find("\x1b[36m"), std::string::npos);
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(sent_to_a_terminal(80, draw).find('\x1b'), std::string::npos);
  ::unsetenv("NO_COLOR");
  EXPECT_EQ(sent_to_a_terminal(80, draw).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wane
