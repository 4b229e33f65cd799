#pragma once
// The terminal as a screen with keys, for as long as the object lives; afterwards it is as it was. Where standard input
// is no terminal, keys come from it as they are; where standard output is none, frames are printed one after the other.

#include <termios.h>

#include <string>

namespace wane {

class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// The next key: its character, or Space Enter Tab Backspace Escape Up Down Left Right Home End Delete (before the
  /// last seven Shift+, where it was held), Ctrl+C, other (a function key), closed (the input has ended); "" where none
  /// comes within `milliseconds` (< 0: waits). The window's keys have the same names (apps/viewer/window.h).
  std::string key(int milliseconds = -1);
  /// Replaces the screen's content.
  void show(const std::string& frame);
  int columns() const { return columns_; }
  int rows() const { return rows_; }

 private:
  int byte(int milliseconds);  // kNone within that time, kClosed at the end; milliseconds < 0 waits

  void measure();  // columns_, rows_: they change with the window

  termios before_{};
  bool keys_ = false, screen_ = false;  // input, output is a terminal
  int columns_ = 80, rows_ = 24;
};

}  // namespace wane
