#pragma once
// Films by ffmpeg's libraries: H.264 in an .mp4, as browsers play it.

#include <memory>
#include <string>

#include "apps/viewer/image.h"

namespace wane::viewer {

class Video {
 public:
  /// Frames of width x height, less one where that is odd. Throws Error where the file cannot be written, and where
  /// this build has no ffmpeg.
  Video(const std::string& path, int width, int height, int frames_per_second);
  ~Video();
  void add(const Image& image, int times = 1);
  void close();  // throws Error where the file could not be finished

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace wane::viewer
