#pragma once
// What an agent of MiniGrid sees: 7 x 7 tiles, itself in the middle of the nearest row, walls and closed doors hiding
// what is behind them by the rule of minigrid's Grid.process_vis. In the tree only: minigrid.h is what to include.
//
// process_vis as sets, row by row from the agent on: light is in all cells that the row before lit. In a row it
// spreads through each run of open cells that holds a lit one. Every open cell with light lights its neighbours left
// and right and the three cells before them. So a row is seven bits, and its light a flood along them.

#include <cstddef>
#include <cstdint>
#include <span>

namespace wane::minigrid {

/// Every run of 1s in `open` that holds a 1 of `lit`, whole. Seven bits.
constexpr std::uint32_t runs_with(std::uint32_t lit, std::uint32_t open) {
  lit &= open;
  lit |= ((lit + open) ^ open) & open;  // up: the carry ripples to the end of the run
  const std::uint32_t two = open & open >> 1, four = two & two >> 2;
  lit |= open & lit >> 1;  // down, by 1, 2 and 4
  lit |= two & lit >> 2;
  return lit | (four & lit >> 4);
}

/// An 8 x 8 board of bits, a byte per row, with rows and columns exchanged (Warren, Hacker's Delight, section 7-3).
constexpr std::uint64_t transposed(std::uint64_t board) {
  std::uint64_t swap = (board ^ board >> 7) & 0x00AA00AA00AA00AA;
  board ^= swap ^ swap << 7;
  swap = (board ^ board >> 14) & 0x0000CCCC0000CCCC;
  board ^= swap ^ swap << 14;
  swap = (board ^ board >> 28) & 0x00000000F0F0F0F0;
  return board ^ swap ^ swap << 28;
}

struct View {
  static constexpr int kSide = 7, kCodes = kSide * kSide * 3, kOwn = 27;  // kOwn: the agent's cell of the 49

  /// Byte i bit j: column i by rising x or y, row j from the farthest. `opaque` of lit cells only.
  struct Boards {
    std::uint64_t lit = 0, opaque = 0;
  };

  constexpr View(int x, int y, int heading)
      : along(heading & 1 ? y : x), across(heading & 1 ? x : y), forward(heading < 2 ? 1 : -1), by_y(heading & 1),
        mirrored(heading == 1 || heading == 2) {}

  /// lines[0][x] has bit y + 3, lines[1][y] bit x + 3 where no one sees through; the grid's border is such.
  template <std::size_t N>
  constexpr Boards boards(const std::uint32_t (&lines)[2][N]) const {
    Boards board;
    std::uint32_t lit = 1 << kSide / 2;
    for (int at = along, shift = 8 * (kSide - 1); lit && shift >= 0; at += forward, shift -= 8) {
      const std::uint32_t opaque = lines[by_y][at] >> across & 0x7F, open = runs_with(lit, ~opaque & 0x7F),
                          next = (open | open << 1 | open >> 1) & 0x7F;  // none behind the border: it is opaque
      board.lit |= std::uint64_t{lit | next} << shift;
      board.opaque |= std::uint64_t{(lit | next) & opaque} << shift;
      lit = next;
    }
    return {transposed(board.lit), transposed(board.opaque)};
  }

  /// Lit cells as empty (1, 0, 0) or wall (2, 5, 0), all others 0, in numpy's order: column, row, channel.
  constexpr void paint(const Boards& boards, std::span<std::uint8_t> to) const {
    for (int column = 0; column < kSide; ++column) {
      const int shift = 8 * (mirrored ? kSide - 1 - column : column);
      const auto lit = static_cast<std::uint8_t>(boards.lit >> shift),
                 opaque = static_cast<std::uint8_t>(boards.opaque >> shift);
      std::uint8_t* const codes = to.data() + column * kSide * 3;
      if (column < kSide - 1) paint<24>(lit, opaque, codes);  // a whole number of registers; the next column mends it
      else paint<21>(lit, opaque, codes);
    }
  }

  /// Where a tile stands among the image's 49; kOwn, the agent's own cell, when it is not lit.
  constexpr int cell(const Boards& boards, int x, int y) const {
    const int row = kSide - 1 - forward * ((by_y ? y : x) - along), column = (by_y ? x : y) - across + kSide / 2;
    const bool inside = static_cast<unsigned>(row) < kSide && static_cast<unsigned>(column) < kSide;
    const bool lit = inside & (boards.lit >> ((8 * column + row) & 63) & 1);
    return lit ? (mirrored ? kSide - 1 - column : column) * kSide + row : kOwn;
  }

  template <int Bytes>
  static constexpr void paint(std::uint8_t lit, std::uint8_t opaque, std::uint8_t* codes) {
    constexpr std::uint8_t kRow[] = {1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64, 0, 0, 0};
    constexpr std::uint8_t kEmpty[] = {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0};
    constexpr std::uint8_t kMore[] = {1, 5, 0, 1, 5, 0, 1, 5, 0, 1, 5, 0, 1, 5, 0, 1, 5, 0, 1, 5, 0, 0, 0, 0};
    for (int i = 0; i < Bytes; ++i)  // vector code: a compare and an and of bytes
      codes[i] = static_cast<std::uint8_t>((lit & kRow[i] ? kEmpty[i] : 0) + (opaque & kRow[i] ? kMore[i] : 0));
  }

  int along, across, forward;  // forward: 1 or -1, along x or, `by_y`, along y
  bool by_y, mirrored;         // mirrored: x or y falls from left to right
};

}  // namespace wane::minigrid
