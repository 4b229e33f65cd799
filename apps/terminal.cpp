#include "apps/terminal.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace wane {
namespace {

constexpr int kNone = -1, kClosed = -2;
constexpr struct {
  int code;
  const char* name;
} kNamed[] = {{kNone, ""},    {kClosed, "closed"}, {3, "Ctrl+C"},    {'\r', "Enter"},   {'\n', "Enter"},
              {' ', "Space"}, {'\t', "Tab"},       {8, "Backspace"}, {127, "Backspace"}};
/// ESC [ number final.
constexpr struct {
  char final_byte;
  const char *number, *name;
} kSequences[] = {{'A', "", "Up"},   {'B', "", "Down"}, {'C', "", "Right"},  {'D', "", "Left"},
                  {'H', "", "Home"}, {'F', "", "End"},  {'~', "1", "Home"},  {'~', "7", "Home"},
                  {'~', "4", "End"}, {'~', "8", "End"}, {'~', "3", "Delete"}};

}  // namespace

Terminal::Terminal() : keys_(isatty(STDIN_FILENO)), screen_(isatty(STDOUT_FILENO)) {
  if (keys_ && tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);  // Ctrl+C is a key: the screen is put back first
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  }
  measure();
  if (screen_) fmt::print("\x1b[?1049h\x1b[?25l");  // the other screen, no cursor
}

Terminal::~Terminal() {
  if (screen_) fmt::print("\x1b[?25h\x1b[?1049l");
  std::fflush(stdout);
  if (keys_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void Terminal::measure() {
  winsize size{};
  if (!screen_ || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return;
  columns_ = size.ws_col;
  rows_ = size.ws_row;
}

int Terminal::byte(int milliseconds) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  unsigned char byte = 0;
  if (poll(&input, 1, milliseconds) < 1) return kNone;
  return read(STDIN_FILENO, &byte, 1) == 1 ? byte : kClosed;
}

std::string Terminal::key(int milliseconds) {
  const int first = byte(milliseconds);
  measure();
  for (const auto& [code, name] : kNamed)
    if (first == code) return name;
  if (first != 0x1b) return {static_cast<char>(first)};
  const int bracket = byte(20);  // the bytes of an arrow come together; behind the key Escape itself there are none
  if (bracket < 0) return "Escape";
  if (bracket != '[' && bracket != 'O') return "other";
  std::string before;  // what stands before the final byte: F5 is ESC [ 1 5 ~, Shift and right ESC [ 1 ; 2 C
  int last = byte(20);
  for (; last >= 0x20 && last < 0x40; last = byte(20)) before += static_cast<char>(last);
  const std::string shift = before.ends_with(";2") ? "Shift+" : "";
  if (last == '~') before = before.substr(0, before.find(';'));
  for (const auto& [final_byte, number, name] : kSequences)
    if (last == final_byte && (last != '~' || before == number)) return shift + name;
  return "other";
}

void Terminal::show(const std::string& frame) {
  if (!screen_) {
    fmt::print("{}", frame);
  } else {  // over the old frame, line by line: a screen that is emptied first flickers
    std::string lines;
    for (const char c : frame) lines += c == '\n' ? "\x1b[K\r\n" : std::string(1, c);
    fmt::print("\x1b[H{}\x1b[J", lines);
  }
  std::fflush(stdout);
}

}  // namespace wane
