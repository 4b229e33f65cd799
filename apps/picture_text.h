#pragma once
// A world's picture as true-colour text, for terminals (two columns a tile, so that tiles are about square).
//
//   fmt::print("{}", picture_text(batch.picture(0), 80, 24));

#include <string>

#include "envs/world.h"

namespace wane {

/// Rows of `picture`, each ended by "\n", with ANSI colours; what the agent does not see is darker. Where the picture
/// is larger than `columns` x `rows` of the terminal, the part around the agent.
std::string picture_text(const Picture& picture, int columns, int rows);

/// A code point as UTF-8; a space for control characters.
std::string utf8(std::uint32_t code_point);

/// The escape sequence of a colour 0xRRGGBB: 38 for what is written, 48 for what is behind it.
std::string ansi(int ground, std::uint32_t colour);

}  // namespace wane
