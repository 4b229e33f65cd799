#include "apps/viewer/draw.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "apps/picture_text.h"

namespace wane::viewer {
namespace {

constexpr float kPoints = 14;  // of the text
constexpr const char* kFonts[] = {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
                                  "/usr/share/fonts/TTF/DejaVuSans.ttf", "/Library/Fonts/Arial Unicode.ttf"};

ImU32 ink(std::uint32_t rgb, float alpha = 1) {
  return IM_COL32(rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF, int(255 * std::clamp(alpha, 0.F, 1.F)));
}
ImVec2 low(const Area& a) { return {a.x, a.y}; }
ImVec2 high(const Area& a) { return {a.x + a.w, a.y + a.h}; }

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

void draw_top(const Pen& pen, const Watch& watch, const Area& area) {
  const Settings& settings = watch.agent().settings;
  const float y = area.y + pen.line / 2;
  float x = area.x + pen.line / 2;
  x += pen.text(x, y, pen.theme.text, settings.world.name + "  ");
  x += pen.text(x, y, pen.theme.faint, fmt::format("{}   episode {}   ", settings.memory.kind, watch.number()));
  x += pen.text(x, y, pen.theme.text, fmt::format("step {}", watch.step()));
  x += pen.text(x, y, pen.theme.faint, fmt::format(" of {}   ", watch.shown().length()));
  if (watch.changed()) x += pen.text(x, y, 0xf5a63d, "what if   ");
  pen.text(x, y, watch.changed() ? 0xf5a63d : pen.theme.faint, watch.said());
  const Recording& shown = watch.shown();
  const std::string end = shown.ended() && watch.step() == shown.length()
                              ? fmt::format("over: success {:g}, return {:.2f}     ", shown.episode()->success,
                                            shown.episode()->episode_return)
                              : "";
  pen.right(area.x + area.w - pen.line / 2, y, pen.theme.faint,
            end + (pen.look.playing ? fmt::format("playing, {:g} steps/s", pen.look.speed) : "paused"));
}

void draw_tiles(const Pen& pen, const WorldLayout& world) {
  const float seam = world.tile >= 6 ? 1 : 0;
  for (const TileBox& tile : world.tiles) {
    pen.box({tile.area.x, tile.area.y, tile.area.w - seam, tile.area.h - seam},
            mix(tile.colour, 0xfff2b0, 0.8F * tile.glow), 1, tile.area.w >= 12 ? 2 : 0);
    if (!tile.glyph || tile.area.w < pen.line * 0.7F) continue;
    const std::string glyph = utf8(tile.glyph);
    const ImVec2 size = ImGui::CalcTextSize(glyph.c_str());
    const std::uint32_t sum = (tile.colour >> 16 & 0xFF) + (tile.colour >> 8 & 0xFF) + (tile.colour & 0xFF);
    pen.text(tile.area.x + (tile.area.w - size.x) / 2, tile.area.y + (tile.area.h - size.y) / 2,
             sum > 384 ? kBlack : kWhite, glyph);
  }
  for (std::size_t i = 0; i + 1 < world.trail.size(); ++i) {
    const auto [x0, y0] = world.trail[i];
    const auto [x1, y1] = world.trail[i + 1];
    if (std::abs(x1 - x0) + std::abs(y1 - y0) > 1.5F * world.tile) continue;  // a portal: no line across the world
    pen.list->AddLine({x0, y0}, {x1, y1}, ink(pen.theme.accent, 0.15F + 0.6F * float(i) / float(world.trail.size())),
                      std::max(1.5F, world.tile / 10));
  }
  if (!world.agent) return;
  const Area& at = *world.agent;
  const float radius = std::max(3.F, 0.28F * at.w);
  pen.list->AddCircleFilled({at.x + at.w / 2, at.y + at.h / 2}, radius, ink(pen.theme.accent), 24);
  pen.list->AddCircle({at.x + at.w / 2, at.y + at.h / 2}, radius, ink(kWhite), 24, std::max(1.F, at.w / 20));
}

void draw_picture(const Pen& pen, const Picture& picture, std::span<const RecordedStep> steps,
                  std::span<const SlotView> slots, const Area& area) {
  const float least = 1.6F * pen.line;
  const WorldAreas areas = world_areas(picture, area, least);
  draw_tiles(pen, world_layout(picture, steps, slots, areas.part, least));
  if (areas.overview.h > 0) draw_tiles(pen, world_layout(picture, {}, slots, areas.overview, 0.1F));
}

void draw_world(const Pen& pen, const Watch& watch, const Area& area) {
  Area inside = pen.panel(area, "World");
  const Frame& frame = watch.frame();
  std::vector<SlotView> all;
  for (const auto& layer : frame.layers) all.insert(all.end(), layer.begin(), layer.end());
  const auto steps = std::span(watch.shown().steps()).first(std::size_t(frame.step));
  if (const auto& then = watch.selected_frame()) {
    Area lower = inside;
    inside.h = std::floor(inside.h * 0.55F);
    lower.y += inside.h + 1.6F * pen.line;
    lower.h -= inside.h + 1.6F * pen.line;
    pen.text(lower.x, lower.y - 1.3F * pen.line, pen.theme.faint,
             fmt::format("the frame that the slot of step {} was made from", watch.selected()->birth));
    draw_tiles(pen, world_layout(then->picture, {}, {}, lower, 1.6F * pen.line));
  }
  draw_picture(pen, frame.picture, steps, all, inside);
}

void draw_mind(const Pen& pen, const Watch& watch, const Area& area) {
  Area at = pen.panel(area, "Mind");
  const Frame& frame = watch.frame();
  const auto names = watch.shown().batch().action_names();
  const auto& before = watch.undisturbed();
  float width = 0;
  for (const char* name : names) width = std::max(width, ImGui::CalcTextSize(name).x);
  width = std::min(width, at.w / 2);
  const float number = ImGui::CalcTextSize("0.00").x, bar = at.w - width - number - pen.line;
  const float step =
      std::min(1.5F * pen.line, (at.h - 2.6F * pen.line) / float(std::max<std::size_t>(1, names.size())));
  float y = at.y;
  for (std::size_t a = 0; a < names.size() && a < frame.probabilities.size(); ++a, y += step) {
    const float p = frame.probabilities[a], x = at.x + width + pen.line / 2, h = std::max(3.F, step - pen.line / 2);
    const float middle = y + step / 2;
    pen.text(at.x, middle - pen.line / 2, pen.theme.text, names[a]);
    pen.box({x, middle - h / 2, bar, h}, pen.theme.line, 1, 2);
    pen.box({x, middle - h / 2, bar * p, h}, watch.changed() ? 0xf5a63d : pen.theme.accent, 1, 2);
    if (before) {  // the undisturbed twin's: a mark
      const float q = before->probabilities[a];
      pen.box({x + bar * q - 1.5F, middle - h / 2 - 2, 3, h + 4}, pen.theme.text);
    }
    pen.right(at.x + at.w, middle - pen.line / 2, pen.theme.faint, fmt::format("{:.2f}", p));
  }
  y = at.y + at.h - 2 * pen.line;
  if (!frame.probabilities.empty())
    pen.text(at.x, y, pen.theme.faint, fmt::format("value {:+.2f}   entropy {:.2f}", frame.value, frame.entropy));
  if (before) pen.text(at.x, y + pen.line, pen.theme.faint, "white marks: undisturbed");
}

/// One layer. Fills `asked` where a bar was clicked.
void draw_memory(const Pen& pen, const Watch& watch, int layer, const Area& area, Asked& asked) {
  const Frame& frame = watch.frame();
  const auto& slots = frame.layers[std::size_t(layer)];
  const auto& steps = watch.shown().steps();
  const Counters n = counters(steps, frame.step, layer, watch.agent().settings.memory);
  const Area at = pen.panel(area, fmt::format("Memory, layer {}", layer));
  const float y = area.y + pen.line / 4, right = area.x + area.w - pen.line / 2;
  const std::string full = fmt::format("     Transformer-XL: {} slots, {}", n.full_live, bytes_text(n.full_bytes));
  const std::string ours =
      fmt::format("{} live   {} born   {} expired   {}", n.live, n.born, n.expired, bytes_text(n.bytes));
  pen.right(right, y, pen.theme.faint, full);
  pen.right(right - ImGui::CalcTextSize(full.c_str()).x, y, pen.theme.text, ours);

  const TimeAxis axis = pen.look.recent ? recent_axis(slots, frame.step) : episode_axis(watch.shown().length());
  const auto dead = lately_dead(steps, frame.step, layer);
  const auto bars = memory_bars(slots, dead, frame.step, axis, at);
  const auto chosen = watch.selected();
  for (const Bar& bar : bars) {
    const std::uint32_t colour = bar.lately_dead ? pen.theme.faint : bar.colour;
    pen.box(bar.past, mix(pen.theme.panel, colour, bar.light));
    if (bar.future.w > 0) pen.box(bar.future, mix(pen.theme.panel, colour, 0.16F));
    if (chosen && chosen->layer == layer && chosen->birth == bar.birth && !bar.lately_dead)
      pen.list->AddRect({bar.past.x - 2, bar.past.y - 2}, {bar.past.x + bar.past.w + 2, bar.past.y + bar.past.h + 2},
                        ink(pen.theme.text), 0, 0, 1.5F);
  }
  const float now = std::clamp(axis.x(float(frame.step) + 1, at), at.x, at.x + at.w);
  pen.list->AddLine({now, at.y}, {now, at.y + at.h}, ink(pen.theme.text, 0.6F));

  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const Bar* under = at.holds(mouse.x, mouse.y) ? bar_at(bars, mouse.x, mouse.y) : nullptr;
  if (!under) return;
  if (ImGui::IsMouseClicked(0) && !under->lately_dead) asked.slot = Selected{layer, under->birth};
  const auto slot =
      std::find_if(slots.begin(), slots.end(), [&](const SlotView& s) { return s.birth == under->birth; });
  if (slot == slots.end()) {
    ImGui::SetTooltip("born at step %d, expired", int(under->birth));
    return;
  }
  std::string heads;
  for (const float attention : slot->attention) heads += fmt::format(" {:.2f}", attention);
  const std::string left = slot->remaining == kNever ? "stays" : fmt::format("{} steps left", slot->remaining);
  ImGui::SetTooltip("born at step %d, age %d\nspan %.1f, %s, mask %.2f\nattention by head:%s", int(slot->birth),
                    slot->age, slot->span, left.c_str(), slot->mask, heads.c_str());
}

void draw_curves(const Pen& pen, const Watch& watch, const Area& area) {
  pen.box(area, pen.theme.panel, 1, pen.line / 3);
  const Area at{area.x + pen.line / 2, area.y + 1.6F * pen.line, area.w - pen.line, area.h - 2 * pen.line};
  const auto& steps = watch.shown().steps();
  const TimeAxis axis = episode_axis(watch.shown().length());
  std::vector<float> value, entropy, sum;
  float total = 0;
  for (const RecordedStep& step : steps) {
    value.push_back(step.value);
    entropy.push_back(step.entropy);
    sum.push_back(total += step.reward);
  }
  float x = at.x;
  const auto plot = [&](const std::vector<float>& values, std::uint32_t colour, const char* name) {
    std::vector<ImVec2> points;
    for (const auto& [px, py] : curve(values, axis, at)) points.emplace_back(px, py);
    pen.list->AddPolyline(points.data(), int(points.size()), ink(colour, 0.9F), 0, 1.5F);
    const auto step = std::size_t(std::min(watch.step(), int(values.size()) - 1));
    x += pen.text(x, area.y + pen.line / 4, colour,
                  fmt::format("{} {:.2f}   ", name, values.empty() ? 0 : values[step]));
  };
  plot(entropy, 0xb48cf0, "entropy");
  plot(sum, 0x5fc46a, "return");
  plot(value, pen.theme.accent, "value");
  const float now = axis.x(float(watch.step()) + 1, at);
  pen.list->AddLine({now, at.y}, {now, at.y + at.h}, ink(pen.theme.text, 0.6F));
}

void draw_scrub(const Pen& pen, const Watch& watch, const Area& area, Asked& asked) {
  const Area at{area.x + pen.line / 2, area.y + area.h / 2 - 2, area.w - pen.line, 4};
  const TimeAxis axis = episode_axis(watch.shown().length());
  const float end = axis.x(float(watch.shown().length()), at), now = axis.x(float(watch.step()), at);
  pen.box(at, pen.theme.line, 1, 2);
  pen.box({at.x, at.y, end - at.x, at.h}, pen.theme.faint, 0.6F, 2);
  pen.box({at.x, at.y, now - at.x, at.h}, watch.changed() ? 0xf5a63d : pen.theme.accent, 1, 2);
  pen.list->AddCircleFilled({now, at.y + 2}, pen.line / 2.4F, ink(pen.theme.text));
  for (const Edit& edit : watch.shown().edits()) {
    const float x = axis.x(float(edit.step), at);
    pen.list->AddTriangleFilled({x - 5, at.y - 9}, {x + 5, at.y - 9}, {x, at.y - 2}, ink(0xf5a63d));
  }
  const ImVec2 mouse = ImGui::GetIO().MousePos, from = ImGui::GetIO().MouseClickedPos[0];
  if (ImGui::IsMouseDown(0) && area.holds(from.x, from.y))
    asked.step = std::clamp(int(std::lround(axis.step(mouse.x, at))), 0, watch.shown().length());
}

void draw_list(const Pen& pen, const Watch& watch, const Area& area, Asked& asked) {
  const auto& rows = watch.list();
  const auto lost = std::count_if(rows.begin(), rows.end(), [](const EpisodeRow& row) { return row.success < 1; });
  const Area at = pen.panel(area, fmt::format("Episodes   {} of {} lost", lost, rows.size()));
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  float y = at.y;
  std::vector<const EpisodeRow*> order;
  for (const EpisodeRow& row : rows)
    if (row.success < 1) order.push_back(&row);
  for (const EpisodeRow& row : rows)
    if (row.success >= 1) order.push_back(&row);
  for (const EpisodeRow* row : order) {
    const float height = row->fate.empty() ? 1.15F * pen.line : 2.15F * pen.line;
    if (y + height > at.y + at.h) break;
    const Area whole{at.x, y, at.w, height};
    const bool over = whole.holds(mouse.x, mouse.y);
    if (over || row->number == watch.number()) pen.box(whole, pen.theme.line, over ? 1 : 0.6F, 2);
    pen.list->AddCircleFilled({at.x + pen.line / 2, y + pen.line / 2}, pen.line / 4,
                              ink(row->success >= 1 ? 0x5fc46a : 0xf0523c));
    pen.text(at.x + pen.line, y, pen.theme.text, fmt::format("{}", row->number));
    pen.text(at.x + 3.5F * pen.line, y, pen.theme.faint,
             fmt::format("{} steps   return {:.2f}", row->length, row->episode_return));
    if (!row->fate.empty()) pen.text(at.x + pen.line, y + pen.line, pen.theme.faint, row->fate);
    if (over && ImGui::IsMouseClicked(0)) asked.episode = row->number;
    y += height;
  }
}

constexpr const char* kHelp[][2] = {
    {"Space", "play, pause"},
    {"Right, Left", "one step on, back (with Shift: ten)"},
    {"Home, End", "to the episode's start, its end"},
    {"+  -", "faster, slower"},
    {"n  p", "next episode, the one before"},
    {"f", "the next lost episode"},
    {"Tab", "select the next slot (click a bar: that one)"},
    {"Delete", "what if: erase the selected slot"},
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

void draw_help(const Pen& pen, float w, float h) {
  const float width = 30 * pen.line, height = (float(std::size(kHelp)) * 1.35F + 2) * pen.line;
  const Area at{(w - width) / 2, (h - height) / 2, width, height};
  pen.box({0, 0, w, h}, 0x000000, 0.5F);
  pen.box(at, pen.theme.panel, 1, pen.line / 2);
  float y = at.y + pen.line;
  for (const auto& [key, meaning] : kHelp) {
    pen.text(at.x + pen.line, y, pen.theme.accent, key);
    pen.text(at.x + 9 * pen.line, y, pen.theme.text, meaning);
    y += 1.35F * pen.line;
  }
}

}  // namespace

void set_up_fonts(float scale) {
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  static const ImWchar ranges[] = {0x20, 0xFF, 0x2190, 0x21FF, 0x25A0, 0x26FF, 0};
  for (const char* path : kFonts) {
    if (std::filesystem::exists(path) && io.Fonts->AddFontFromFileTTF(path, kPoints * scale, nullptr, ranges)) return;
  }
  ImFontConfig config;
  config.SizePixels = kPoints * scale;
  io.Fonts->AddFontDefault(&config);
}

Asked draw(const Watch& watch, const Look& look) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  Asked asked;
  const Pen pen{ImGui::GetBackgroundDrawList(), look, *look.theme, ImGui::GetFontSize()};
  pen.box({0, 0, size.x, size.y}, pen.theme.ground);
  const int layers = int(watch.frame().layers.size());
  const Panels at = panels(size.x, size.y, pen.line, layers);
  draw_top(pen, watch, at.top);
  draw_world(pen, watch, at.world);
  draw_mind(pen, watch, at.mind);
  draw_list(pen, watch, at.list, asked);
  for (int l = 0; l < layers; ++l) draw_memory(pen, watch, l, at.memory[std::size_t(l)], asked);
  draw_curves(pen, watch, at.curves);
  draw_scrub(pen, watch, at.scrub, asked);
  pen.text(
      at.keys.x + pen.line / 2, at.keys.y + pen.line / 4, pen.theme.faint,
      "Space play   arrows step   click or Tab select   Delete erase   k keep   t twin's memory   b back   n next   "
      "h help");
  if (look.help) draw_help(pen, size.x, size.y);
  return asked;
}

}  // namespace wane::viewer
