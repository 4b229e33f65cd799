#include "apps/viewer/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/picture_text.h"

namespace wane::viewer {
namespace {

constexpr const char* kPlain = "\x1b[0m";

std::string coloured(std::uint32_t colour, const std::string& words) { return ansi(38, colour) + words + kPlain; }
std::string cut(const std::string& words, int columns) { return words.substr(0, std::size_t(std::max(0, columns))); }

/// Consecutive slots that share a line.
struct Group {
  std::int64_t first, last;  // births
  std::int32_t remaining = 0;
  float attention = 0;

  std::string births() const { return first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last); }
  std::string left() const { return remaining == kNever ? "stays" : fmt::format("{} left", remaining); }
};

std::vector<Group> groups(std::span<const SlotView> slots, int lines) {
  const auto each = (std::ssize(slots) + lines - 1) / lines;
  std::vector<Group> out;
  for (std::ptrdiff_t i = 0; i < std::ssize(slots); ++i) {
    const SlotView& slot = slots[std::size_t(i)];
    if (i % each == 0) out.push_back({slot.birth, slot.birth});
    Group& group = out.back();
    group.last = slot.birth;
    group.remaining = std::max(group.remaining, slot.remaining);
    group.attention = std::max(group.attention, greatest_attention(slot));
  }
  return out;
}

/// From birth to now solid, to the predicted end hollow.
std::string bar_text(const Group& group, int now, const TimeAxis& axis, int columns) {
  const Area area{0, 0, float(columns), 1};
  const auto column = [&](float step) { return int(std::clamp(axis.x(step, area), 0.F, float(columns))); };
  const int end = std::max(column(float(now + 1)), 1), begin = std::min(column(float(group.first)), end - 1);
  const int until = group.remaining == kNever ? columns : column(float(now + 1) + float(group.remaining));
  const std::uint32_t colour = colour_of_life(group.remaining);
  std::string out(std::size_t(begin), ' ');
  out += ansi(38, mix(0x000000, colour, 0.35F + 0.65F * std::sqrt(group.attention)));
  for (int i = begin; i < end; ++i) out += "█";
  if (until > end) out += ansi(38, mix(0x000000, colour, 0.4F));
  for (int i = end; i < until; ++i) out += "·";
  return out + kPlain;
}

std::string memory_text(const Watch& watch, const Look& look, int layer, int columns, int lines) {
  const auto& slots = watch.frame().layers[std::size_t(layer)];
  const int now = watch.frame().step;
  const Counters n = counters(watch.shown().steps(), now, layer, watch.agent().settings.memory);
  std::string out =
      cut(fmt::format("Memory, layer {}: {} live, {} born, {} expired, {} (Transformer-XL: {}, {})", layer, n.live,
                      n.born, n.expired, bytes_text(n.bytes), n.full_live, bytes_text(n.full_bytes)),
          columns) +
      "\n";
  if (lines < 2) return out;
  const TimeAxis axis = look.recent ? recent_axis(slots, now) : episode_axis(watch.shown().length());
  const std::vector<Group> shown = groups(slots, lines - 1);
  std::size_t wide = 7, wide_left = 9;
  for (const Group& group : shown) {
    wide = std::max(wide, group.births().size());
    wide_left = std::max(wide_left, group.left().size());
  }
  for (const Group& group : shown) {
    const auto chosen = watch.selected();
    const bool marked = chosen && chosen->layer == layer && chosen->birth >= group.first && chosen->birth <= group.last;
    const std::string label = fmt::format("{}{:>{}} {:>{}} {:.2f} ", marked ? ">" : " ", group.births(), wide,
                                          group.left(), wide_left, group.attention);
    out += label + bar_text(group, now, axis, std::max(1, columns - int(label.size()))) + "\n";
  }
  return out;
}

std::string mind_text(const Watch& watch, int columns) {
  const Frame& frame = watch.frame();
  const auto names = watch.shown().batch().action_names();
  std::string out;
  int used = 0;
  for (std::size_t a = 0; a < names.size() && a < frame.probabilities.size(); ++a) {
    const float p = frame.probabilities[a];
    std::string words = fmt::format("{} {:.2f}", names[a], p);
    if (const auto& before = watch.undisturbed()) words += fmt::format(" (was {:.2f})", before->probabilities[a]);
    used += int(words.size()) + 3;
    if (used > columns) break;
    out += coloured(mix(0x70737f, 0x58b4ff, p), words) + "   ";
  }
  return out + fmt::format("\nvalue {:+.2f}   entropy {:.2f}\n", frame.value, frame.entropy);
}

std::string help_text(int columns, int rows) {
  std::string out;
  for (const auto& [key, meaning] : kHelp)
    if (key != std::string_view("s") && --rows > 0)
      out += cut(fmt::format("  {:<14} {}", key, meaning), columns) + "\n";
  return out;
}

}  // namespace

std::string frame_text(const Watch& watch, const Look& look, int columns, int rows) {
  columns = std::max(columns, 40);
  rows = std::max(rows, 10);
  if (look.help) return help_text(columns, rows);
  const Recording& shown = watch.shown();
  const bool over = shown.ended() && watch.step() == shown.length();
  std::string out = cut(fmt::format("{}, {}, {}   step {}{}   {}{}", watch.agent().settings.world.name,
                                    watch.agent().settings.memory.kind, watch.title(), watch.step(),
                                    shown.ended() ? fmt::format(" of {}", shown.length()) : "",
                                    over ? fmt::format("over: success {:g}   ", shown.episode()->success) : "",
                                    look.playing ? fmt::format("{:g} steps/s", look.speed) : "paused"),
                        columns) +
                    "\n";
  const int layers = int(watch.frame().layers.size());
  const int free = rows - 7 - layers;  // for the world's lines and the bars'
  const int world = std::clamp(watch.frame().picture.height, 1, std::max(1, free / 2));
  out += picture_text(watch.frame().picture, columns, world) + "\n" + mind_text(watch, columns);
  for (int l = 0; l < layers; ++l) out += memory_text(watch, look, l, columns, 1 + std::max(0, free - world) / layers);
  out += coloured(0xf5a63d, cut(watch.changed() ? "what if: " + watch.said() : watch.said(), columns)) + "\n";
  return out +
         cut("h help  q quit  Space play  arrows step  Tab select  x erase  k keep  t twin's  b back  n next",
             columns) +
         "\n";
}

}  // namespace wane::viewer
