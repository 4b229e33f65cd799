#pragma once
// The same as the window shows, as true-colour text: world, policy, every slot's bar. For terminals, over ssh too.

#include <string>

#include "apps/viewer/controls.h"

namespace wane::viewer {

/// At most `rows` lines of `columns` characters, each ended by a newline; at least 10 x 40. Where slots are more than
/// lines are left for them, a line stands for several.
std::string frame_text(const Watch& watch, const Look& look, int columns, int rows);

}  // namespace wane::viewer
