#include "apps/viewer/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace wane::viewer {

const Theme kDark{0x14151b, 0x1c1e27, 0xe6e7ee, 0x8a8d9c, 0x343746, 0x58b4ff},
    kLight{0xf2f2f5, 0xffffff, 0x22232a, 0x70737f, 0xd4d5dc, 0x1c6fd0};

std::uint32_t mix(std::uint32_t a, std::uint32_t b, float share) {
  share = std::clamp(share, 0.f, 1.f);
  std::uint32_t out = 0;
  for (const int shift : {16, 8, 0}) {
    const auto from = float(a >> shift & 0xFF), to = float(b >> shift & 0xFF);
    out |= std::uint32_t(std::lround(from + (to - from) * share)) << shift;
  }
  return out;
}

Panels panels(float w, float h, float line, int layers) {
  const float gap = line / 2, top = 2 * line, bottom = 1.6F * line, scrub = 1.6F * line;
  const float body = h - top - bottom - 2 * gap, upper = std::floor(0.42F * body), curves = std::floor(0.16F * body);
  const float list = std::clamp(0.24F * w, 14 * line, 24 * line), mind = std::clamp(0.22F * w, 13 * line, 22 * line);
  Panels out;
  out.top = {gap, 0, w - 2 * gap, top};
  out.world = {gap, top, w - mind - list - 4 * gap, upper};
  out.mind = {out.world.x + out.world.w + gap, top, mind, upper};
  out.list = {out.mind.x + mind + gap, top, list, upper};
  const float memory_top = top + upper + gap, memory = body - upper - curves - scrub - gap;
  for (int l = 0; l < layers; ++l) {
    const float each = (memory - gap * float(layers - 1)) / float(std::max(layers, 1));
    out.memory.push_back({gap, memory_top + float(l) * (each + gap), w - 2 * gap, each});
  }
  out.curves = {gap, memory_top + memory + gap, w - 2 * gap, curves};
  out.scrub = {gap, out.curves.y + curves, w - 2 * gap, scrub};
  out.keys = {gap, h - bottom, w - 2 * gap, bottom};
  return out;
}

TimeAxis episode_axis(int length) { return {0, float(std::max(length, 20)) * 1.02F}; }

TimeAxis recent_axis(std::span<const SlotView> slots, int now) {
  const float oldest = slots.empty() ? float(now) : float(slots.front().birth);
  const float past = std::max(20.F, float(now) - oldest + 1);
  return {float(now) - past, float(now) + past / 3};
}

WorldLayout world_layout(const Picture& picture, std::span<const RecordedStep> until_now,
                         std::span<const SlotView> slots, const Area& area, float least) {
  constexpr float kMost = 48;
  constexpr std::size_t kTrail = 24;
  WorldLayout out;
  const float fits = std::min(area.w / float(picture.width), area.h / float(picture.height));
  out.tile = std::clamp(fits >= 2 ? std::floor(fits) : fits, least, kMost);
  const auto room = [&](float size, int all) { return std::clamp(int(size / out.tile + 0.01F), 1, all); };
  const int columns = room(area.w, picture.width), rows = room(area.h, picture.height);
  const auto begin = [](int centre, int count, int all) { return std::clamp(centre - count / 2, 0, all - count); };
  const int left = begin(picture.agent_x, columns, picture.width), top = begin(picture.agent_y, rows, picture.height);
  const float x0 = area.x + std::floor((area.w - float(columns) * out.tile) / 2),
              y0 = area.y + std::floor((area.h - float(rows) * out.tile) / 2);
  const auto place = [&](int x, int y) {
    return Area{x0 + float(x - left) * out.tile, y0 + float(y - top) * out.tile, out.tile, out.tile};
  };
  const auto shown = [&](int x, int y) { return x >= left && x < left + columns && y >= top && y < top + rows; };

  std::vector<float> glow(picture.tiles.size(), 0);
  for (const SlotView& slot : slots) {
    if (slot.birth < 0 || slot.birth >= std::ssize(until_now)) continue;
    const RecordedStep& then = until_now[static_cast<std::size_t>(slot.birth)];
    if (then.agent_x < 0 || then.agent_x >= picture.width || then.agent_y < 0 || then.agent_y >= picture.height)
      continue;
    glow[std::size_t(then.agent_y) * std::size_t(picture.width) + std::size_t(then.agent_x)] +=
        greatest_attention(slot);
  }
  for (int y = top; y < top + rows; ++y) {
    for (int x = left; x < left + columns; ++x) {
      const Picture::Tile& tile = picture.at(x, y);
      const float share = glow[std::size_t(y) * std::size_t(picture.width) + std::size_t(x)];
      out.tiles.push_back({place(x, y), tile.in_view ? tile.colour : mix(tile.colour, 0x000000, 0.45F),
                           std::min(1.F, std::sqrt(share)), tile.glyph});
    }
  }
  if (shown(picture.agent_x, picture.agent_y)) out.agent = place(picture.agent_x, picture.agent_y);
  const std::size_t first = until_now.size() > kTrail ? until_now.size() - kTrail : 0;
  for (const RecordedStep& step : until_now.subspan(first)) {
    if (!shown(step.agent_x, step.agent_y)) continue;
    const Area at = place(step.agent_x, step.agent_y);
    out.trail.emplace_back(at.x + at.w / 2, at.y + at.h / 2);
  }
  return out;
}

WorldAreas world_areas(const Picture& picture, const Area& area, float least) {
  WorldAreas out{area, {area.x, area.y + area.h, area.w, 0}};
  if (float(picture.width) * least <= area.w && float(picture.height) * least <= area.h) return out;
  const float tile = std::min(area.w / float(picture.width), area.h / 3 / float(picture.height));
  const float height = std::max(6.F, tile * float(picture.height)), gap = std::min(12.F, area.h / 12);
  out.part.h = area.h - height - gap;
  out.overview = {area.x, area.y + out.part.h + gap, area.w, height};
  return out;
}

std::uint32_t colour_of_life(std::int32_t remaining) {
  constexpr std::uint32_t stops[] = {0xf0523c, 0xf5b83d, 0x5fc46a, 0x4aa3ff};  // 1, 8, 64, 512 steps
  const float at = std::log2(float(std::clamp(remaining, 1, 512))) / 3;
  const int i = std::min(int(at), 2);
  return mix(stops[i], stops[i + 1], at - float(i));
}

float greatest_attention(const SlotView& slot) {
  return slot.attention.empty() ? 0 : *std::max_element(slot.attention.begin(), slot.attention.end());
}

std::vector<Bar> memory_bars(std::span<const SlotView> slots, std::span<const std::pair<std::int64_t, int>> lately_dead,
                             int now, const TimeAxis& axis, const Area& area) {
  constexpr float kLeastWidth = 3, kMostHeight = 16;
  const std::size_t count = slots.size() + lately_dead.size();
  std::vector<Bar> bars;
  if (!count) return bars;
  bars.reserve(count);
  const float row = std::min(kMostHeight, area.h / float(count)), height = std::max(1.F, row > 4 ? row - 2 : row);
  const float right = area.x + area.w;
  const auto add = [&](std::int64_t birth, float from, float to, std::int32_t remaining) {
    const float y = area.y + row * float(bars.size());
    float x = std::clamp(axis.x(from, area), area.x, right), end = std::clamp(axis.x(to, area), area.x, right);
    if (end - x < kLeastWidth) x = std::max(area.x, end - kLeastWidth);
    const float until = std::clamp(axis.x(to + float(std::min(remaining, 1 << 24)), area), end, right);
    bars.push_back(
        {{x, y, end - x, height}, {end, y, until - end, height}, colour_of_life(remaining), 0, birth, false});
  };
  for (const auto& [birth, ago] : lately_dead) {
    add(birth, float(birth), float(now + 1 - ago), 1);
    bars.back().future.w = 0;
    bars.back().light = 0.5F * (1 - float(ago) / float(kFade + 1));
    bars.back().lately_dead = true;
  }
  for (const SlotView& slot : slots) {
    add(slot.birth, float(slot.birth), float(now + 1), slot.remaining);
    bars.back().light = 0.35F + 0.65F * std::sqrt(greatest_attention(slot));
  }
  return bars;
}

const Bar* bar_at(std::span<const Bar> bars, float x, float y) {
  constexpr float kNear = 2;
  const auto near = [&](const Bar& bar) {
    return Area{bar.past.x - kNear, bar.past.y, bar.past.w + bar.future.w + 2 * kNear, std::max(bar.past.h, 3.F)}.holds(
        x, y);
  };
  const Bar* found = nullptr;
  for (const Bar& bar : bars) {
    if (near(bar) && (!found || found->lately_dead)) found = &bar;
  }
  return found;
}

std::vector<std::pair<std::int64_t, int>> lately_dead(std::span<const RecordedStep> steps, int step, int layer) {
  std::vector<std::pair<std::int64_t, int>> dead;
  for (int t = std::max(0, step - kFade); t <= step && t < std::ssize(steps); ++t) {
    for (const std::int64_t birth : steps[std::size_t(t)].died[std::size_t(layer)]) dead.emplace_back(birth, step - t);
  }
  return dead;
}

std::vector<std::pair<float, float>> curve(std::span<const float> values, const TimeAxis& axis, const Area& area) {
  std::vector<std::pair<float, float>> points;
  if (values.empty()) return points;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const float range = std::max(*high - *low, 1e-6F);
  float last = -1e9F;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float x = axis.x(float(i), area);
    if (x < area.x || x > area.x + area.w || x - last < 1) continue;
    last = x;
    points.emplace_back(x, area.y + area.h * (1 - (values[i] - *low) / range));
  }
  return points;
}

Counters counters(std::span<const RecordedStep> steps, int step, int layer, const MemorySettings& memory) {
  Counters out;
  const std::int64_t word = memory.storage == "bfloat16" ? 2 : 4, slot = 3 * word * memory.width + 21;
  for (int t = 0; t <= step && t < std::ssize(steps); ++t) {
    ++out.born;
    out.expired += int(steps[std::size_t(t)].died[std::size_t(layer)].size());
    out.live = steps[std::size_t(t)].live[std::size_t(layer)];
  }
  out.bytes = slot * out.live;
  out.full_live = std::min(out.born, memory.max_span);
  out.full_bytes = slot * out.full_live;
  return out;
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  return bytes < 1'000'000 ? fmt::format("{:.1f} kB", 1e-3 * double(bytes))
                           : fmt::format("{:.1f} MB", 1e-6 * double(bytes));
}

}  // namespace wane::viewer
