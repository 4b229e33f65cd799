#pragma once
// What the panels draw with, and the panels that have files of their own.

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "apps/viewer/draw.h"

namespace wane::viewer {

inline ImU32 ink(std::uint32_t rgb, float alpha = 1) {
  return IM_COL32(rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF, int(255 * std::clamp(alpha, 0.F, 1.F)));
}
inline ImVec2 low(const Area& a) { return {a.x, a.y}; }
inline ImVec2 high(const Area& a) { return {a.x + a.w, a.y + a.h}; }

struct Pen {
  ImDrawList* list;
  const Look& look;
  const Theme& theme;
  float line;  // height of a line of text

  void box(const Area& a, std::uint32_t rgb, float alpha = 1, float round = 0) const {
    list->AddRectFilled(low(a), high(a), ink(rgb, alpha), round);
  }
  float text(float x, float y, std::uint32_t rgb, const std::string& words, float alpha = 1) const {
    list->AddText({std::round(x), std::round(y)}, ink(rgb, alpha), words.c_str());
    return ImGui::CalcTextSize(words.c_str()).x;
  }
  void right(float x, float y, std::uint32_t rgb, const std::string& words) const {
    text(x - ImGui::CalcTextSize(words.c_str()).x, y, rgb, words);
  }
  /// Ground and title of a panel; returns what is left for its content.
  Area panel(const Area& a, const std::string& title) const {
    box(a, theme.panel, 1, line / 3);
    text(a.x + line / 2, a.y + line / 4, theme.faint, title);
    return {a.x + line / 2, a.y + 1.6F * line, a.w - line, a.h - 2.1F * line};
  }
};

/// A world's tiles, the agent and its trail; `slots` make the tiles glow that they were made on.
void draw_picture(const Pen& pen, const Picture& picture, std::span<const RecordedStep> trail,
                  std::span<const SlotView> slots, const Area& area);
void draw_world(const Pen& pen, const Watch& watch, const Area& area);
/// One layer's bars. Fills `asked` where one was clicked.
void draw_memory(const Pen& pen, const Watch& watch, int layer, const Area& area, Asked& asked);

}  // namespace wane::viewer
