#pragma once
// How the window was left, for the next time: $XDG_CONFIG_HOME/wane/viewer.json (~/.config where that is not set).

namespace wane::viewer {

struct Remembered {
  int width = 1280, height = 720;  // points
  bool light = false, recent = false;
  float speed = 8;
};

Remembered recall();  // what is missing, unreadable or out of range is as at first
/// Nothing happens where the file cannot be written.
void remember(const Remembered& remembered);

}  // namespace wane::viewer
