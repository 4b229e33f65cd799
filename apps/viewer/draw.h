#pragma once
// The panels, drawn with Dear ImGui from what is watched. Reads `Watch` only; what the mouse asked for comes back as
// `Asked`. Knows nothing of SDL: a window and an image off the screen are drawn by the same call.

#include <optional>

#include "apps/viewer/layout.h"
#include "apps/viewer/watch.h"

namespace wane::viewer {

struct Look {
  const Theme* theme = &kDark;
  bool recent = false;  // the time axis follows what lives, instead of showing the episode
  bool help = false;
  bool playing = false;
  float speed = 8;  // steps per second
  float scale = 1;  // pixels per point: 2 on a screen of twice the density
};

struct Asked {
  std::optional<int> step, episode;
  std::optional<Selected> slot;
};

/// Loads the fonts for `scale` into the current ImGui context, and sets its style. Once, before the first frame.
void set_up_fonts(float scale);

/// One frame's panels over the whole display, between ImGui::NewFrame and ImGui::Render.
Asked draw(const Watch& watch, const Look& look);

}  // namespace wane::viewer
