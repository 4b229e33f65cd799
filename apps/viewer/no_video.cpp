// In place of video.cpp, where ffmpeg's libraries were missing when wane was built.

#include "apps/viewer/video.h"
#include "configs/error.h"

namespace wane::viewer {

struct Video::Inside {};

Video::Video(const std::string& path, int, int, int) {
  throw Error(path +
              ": this wane was built without films: `apt install libavcodec-dev libavformat-dev libswscale-dev`, "
              "then ./wane again (or --out FILE.gif)");
}
Video::~Video() = default;
void Video::add(const Image&, int) {}
void Video::close() {}

}  // namespace wane::viewer
