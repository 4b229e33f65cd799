// In place of the viewer, where SDL2, Dear ImGui, giflib or libpng was missing when wane was built.

#include "apps/viewing.h"
#include "configs/error.h"

namespace wane {

namespace {
[[noreturn]] void refuse_viewer() {
  throw Error(
      "this wane was built without its viewer: `apt install libsdl2-dev libimgui-dev libgif-dev libpng-dev`, "
      "then ./wane again (records as .html need none of them)");
}

}  // namespace

int watch(const WatchCommand&) { refuse_viewer(); }
void record_pictures(const RecordCommand&, const LoadedAgent&) { refuse_viewer(); }

}  // namespace wane
