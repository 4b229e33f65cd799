#include "apps/picture_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace wane {
namespace {

constexpr int kTileColumns = 2;

struct Window {
  int first, count;
};

/// `room` of `all` tiles, around tile `centre` where that is possible.
Window around(int centre, int all, int room) {
  room = std::clamp(room, 1, all);
  return {std::clamp(centre - room / 2, 0, all - room), room};
}

std::uint32_t darker(std::uint32_t colour) {
  return (colour >> 16 & 0xFF) / 2 << 16 | (colour >> 8 & 0xFF) / 2 << 8 | (colour & 0xFF) / 2;
}

std::string tile_text(const Picture::Tile& tile, bool agent) {
  const std::uint32_t colour = tile.in_view ? tile.colour : darker(tile.colour);
  const bool light = (colour >> 16 & 0xFF) + (colour >> 8 & 0xFF) + (colour & 0xFF) > 384;
  std::string out = ansi(48, colour) + ansi(38, light ? kBlack : tile.in_view || agent ? kWhite : kGrey);
  if (agent) return out + "\x1b[1m" + (tile.glyph ? utf8(tile.glyph) : "@") + "<\x1b[22m";
  return out + (tile.glyph ? utf8(tile.glyph) : " ") + " ";
}

}  // namespace

std::string ansi(int ground, std::uint32_t colour) {
  return fmt::format("\x1b[{};2;{};{};{}m", ground, colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF);
}

std::string utf8(std::uint32_t c) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (c < 0x20) return " ";
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

std::string picture_text(const Picture& picture, int columns, int rows) {
  const Window x = around(picture.agent_x, picture.width, columns / kTileColumns);
  const Window y = around(picture.agent_y, picture.height, rows);
  std::string out;
  for (int row = y.first; row < y.first + y.count; ++row) {
    for (int column = x.first; column < x.first + x.count; ++column)
      out += tile_text(picture.at(column, row), column == picture.agent_x && row == picture.agent_y);
    out += "\x1b[0m\n";
  }
  return out;
}

}  // namespace wane
