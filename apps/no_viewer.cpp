// In place of the viewer, where SDL2, Dear ImGui, giflib or libpng was missing when wane was built.

#include "apps/viewing.h"
#include "configs/error.h"

namespace wane {

namespace {
[[noreturn]] void refuse_viewer() {
  throw Error(
      "this wane was built without its viewer: `apt install libsdl2-dev libimgui-dev libstb-dev libgif-dev "
      "libpng-dev`, then ./wane again (watch --terminal, play --terminal and records as .html need none of them)");
}

}  // namespace

struct LiveView::Inside {};

int watch(const WatchCommand&) { refuse_viewer(); }
void record_pictures(const RecordCommand&, const LoadedAgent&) { refuse_viewer(); }
int play_in_window(Game&) { refuse_viewer(); }
void need_window() { refuse_viewer(); }
LiveView::LiveView(const Training&) { refuse_viewer(); }
LiveView::~LiveView() = default;
void LiveView::note(const Training&) {}
double LiveView::share() const { return 0; }

}  // namespace wane
