// The panels of the world and of what is remembered of it.

#include <fmt/format.h>

#include "apps/picture_text.h"
#include "apps/viewer/pen.h"

namespace wane::viewer {
namespace {

void draw_glyph(const Pen& pen, const TileBox& tile, std::uint32_t colour) {
  if (!tile.glyph || tile.area.w < pen.line * 0.7F) return;
  const std::string glyph = utf8(tile.glyph);
  const ImVec2 size = ImGui::CalcTextSize(glyph.c_str());
  pen.text(tile.area.x + (tile.area.w - size.x) / 2, tile.area.y + (tile.area.h - size.y) / 2, colour, glyph);
}

void draw_tiles(const Pen& pen, const WorldLayout& world) {
  const float seam = world.tile >= 6 ? 1 : 0;
  for (const TileBox& tile : world.tiles) {
    pen.box({tile.area.x, tile.area.y, tile.area.w - seam, tile.area.h - seam},
            mix(tile.colour, 0xfff2b0, 0.8F * tile.glow), 1, tile.area.w >= 12 ? 2 : 0);
    const std::uint32_t sum = (tile.colour >> 16 & 0xFF) + (tile.colour >> 8 & 0xFF) + (tile.colour & 0xFF);
    draw_glyph(pen, tile, sum > 384 ? kBlack : kWhite);
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
  const auto own = std::find_if(world.tiles.begin(), world.tiles.end(),
                                [&](const TileBox& tile) { return tile.area.x == at.x && tile.area.y == at.y; });
  const float radius = std::max(3.F, 0.28F * at.w);
  pen.list->AddCircleFilled({at.x + at.w / 2, at.y + at.h / 2}, radius, ink(pen.theme.accent), 24);
  pen.list->AddCircle({at.x + at.w / 2, at.y + at.h / 2}, radius, ink(kWhite), 24, std::max(1.F, at.w / 20));
  if (own != world.tiles.end()) draw_glyph(pen, *own, kBlack);  // which way it faces, where the world says that
}

}  // namespace

void draw_picture(const Pen& pen, const Picture& picture, std::span<const RecordedStep> trail,
                  std::span<const SlotView> slots, const Area& area) {
  const float least = 1.35F * pen.line;
  const WorldAreas areas = world_areas(picture, area, least);
  draw_tiles(pen, world_layout(picture, trail, slots, areas.part, least));
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

}  // namespace wane::viewer
