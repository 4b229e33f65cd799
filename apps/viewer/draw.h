#pragma once
// The panels, drawn with Dear ImGui from what is watched. Reads `Watch` only; what the mouse asked for comes back as
// `Asked`. Knows nothing of SDL: a window and an image off the screen are drawn by the same call.

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "apps/viewer/controls.h"

namespace wane::viewer {

struct Asked {
  std::optional<int> step, episode;
  std::optional<Selected> slot;
};

/// Loads the fonts for `scale` into the current ImGui context, and sets its style. Once, before the first frame.
void set_up_fonts(float scale);

/// One frame's panels over the whole display, between ImGui::NewFrame and ImGui::Render.
Asked draw(const Watch& watch, const Look& look);

/// A frame of a world that a person plays: its picture with a trail of tiles, lines of text below.
void draw_game(const Look& look, const Picture& picture, std::span<const std::pair<int, int>> trail,
               std::span<const std::string> lines);

}  // namespace wane::viewer
