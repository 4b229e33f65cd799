#pragma once
// What `wane record` hands to the part that draws, where the build has it.

#include "agents/training.h"
#include "apps/commands.h"

namespace wane {

/// Writes command.out, .gif or .png. Throws Error where this build has no viewer.
void record_pictures(const RecordCommand& command, const LoadedAgent& loaded);

}  // namespace wane
