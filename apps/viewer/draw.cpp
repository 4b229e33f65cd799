#include "apps/viewer/draw.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <tuple>

#include "apps/viewer/pen.h"

namespace wane::viewer {
namespace {

constexpr float kPoints = 14;  // of the text
constexpr const char* kFonts[] = {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
                                  "/usr/share/fonts/TTF/DejaVuSans.ttf", "/Library/Fonts/Arial Unicode.ttf"};

void draw_top(const Pen& pen, const Watch& watch, const Area& area) {
  const Settings& settings = watch.agent().settings;
  const float y = area.y + pen.line / 2;
  float x = area.x + pen.line / 2;
  x += pen.text(x, y, pen.theme.text, settings.world.name + "  ");
  x += pen.text(x, y, pen.theme.faint, fmt::format("{}   {}   ", settings.memory.kind, watch.title()));
  x += pen.text(x, y, pen.theme.text, fmt::format("step {}", watch.step()));
  x +=
      pen.text(x, y, pen.theme.faint, watch.shown().ended() ? fmt::format(" of {}   ", watch.shown().length()) : "   ");
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
  if (before) pen.text(at.x, y + pen.line, pen.theme.faint, "marks: undisturbed");
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
  for (const EpisodeRow& row : rows) order.push_back(&row);
  if (watch.live()) std::reverse(order.begin(), order.end());  // the newest first
  else std::stable_partition(order.begin(), order.end(), [](const EpisodeRow* row) { return row->success < 1; });
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

void draw_game(const Look& look, const Picture& picture, std::span<const std::pair<int, int>> trail,
               std::span<const std::string> lines) {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  const Pen pen{ImGui::GetBackgroundDrawList(), look, *look.theme, ImGui::GetFontSize()};
  pen.box({0, 0, size.x, size.y}, pen.theme.ground);
  std::vector<RecordedStep> steps(trail.size());
  for (std::size_t i = 0; i < trail.size(); ++i) std::tie(steps[i].agent_x, steps[i].agent_y) = trail[i];
  const float gap = pen.line / 2, below = (float(lines.size()) + 4) * 1.4F * pen.line;
  const Area inside = pen.panel({gap, gap, size.x - 2 * gap, size.y - below - 2 * gap}, "World");
  draw_picture(pen, picture, steps, {}, inside);
  float y = size.y - below + gap;
  for (const std::string& line : lines) {
    const float wrap = size.x - 2 * pen.line;
    pen.list->AddText(nullptr, 0, {pen.line, y}, ink(pen.theme.text), line.c_str(), nullptr, wrap);
    y += std::max(1.4F * pen.line, ImGui::CalcTextSize(line.c_str(), nullptr, false, wrap).y + 0.4F * pen.line);
  }
}

}  // namespace wane::viewer
