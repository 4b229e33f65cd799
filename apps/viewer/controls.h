#pragma once
// What the viewer's keys do, in the window and in the terminal alike, and how an episode plays on by itself.

#include <string>

#include "apps/viewer/layout.h"
#include "apps/viewer/watch.h"

namespace wane::viewer {

/// How it is shown, whatever is shown.
struct Look {
  const Theme* theme = &kDark;
  bool recent = false;  // the time axis follows what lives, instead of showing the episode
  bool help = false;
  bool playing = false;
  float speed = 8;  // steps per second
  float scale = 1;  // pixels per point: 2 on a screen of twice the density
};

/// Key and meaning, for the help. Names of keys as Terminal::key gives them.
inline constexpr const char* kHelp[][2] = {
    {"Space", "play, pause"},
    {"Right, Left", "one step on, back (with Shift: ten)"},
    {"Home, End", "to the episode's start, its end"},
    {"+  -", "faster, slower"},
    {"n  p", "next episode, the one before"},
    {"f", "the next lost episode"},
    {"Tab", "select the next slot (click a bar: that one)"},
    {"Delete, x", "what if: erase the selected slot"},
    {"k", "what if: keep it, it cannot expire"},
    {"t", "what if: the memory of a twin that began otherwise"},
    {"1 .. 9", "what if: take this action by hand"},
    {"b, Backspace", "back to the recorded run"},
    {"z", "time axis: the episode, or what lives"},
    {"d", "dark, light"},
    {"s", "save a picture (wane-<step>.png)"},
    {"h, F1", "this help"},
    {"q, Esc", "quit"},
};

struct Controls {
  Look look;

  /// False to quit.
  bool press(const std::string& key, Watch& watch);
  /// `seconds` have passed: an episode that plays goes on. At its end it pauses, unless `again`.
  void pass(double seconds, Watch& watch, bool again = false);

 private:
  double due_ = 0;  // steps that time asks for
};

}  // namespace wane::viewer
