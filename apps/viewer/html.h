#pragma once
// An episode as one file that a browser opens by itself: the world, the memory, a bar to scrub along; and the same
// episode with its deciding memory erased, to switch to.

#include <string>

#include "agents/recording.h"

namespace wane::viewer {

/// The file's text. `episode` has ended; `other`, where given, is what happened with `slot` erased at `erased_at`.
std::string replay_html(Recording& episode, Recording* other, int erased_at, const Settings& settings);

}  // namespace wane::viewer
