#pragma once
// Pictures and files of them, by libpng and giflib.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wane::viewer {

struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // (height, width, 3)
};

/// Throws Error where the file cannot be written.
void write_png(const std::string& path, const Image& image);

/// An animation that repeats for ever, written frame by frame; all of one size. 255 colours and "as before": of each
/// frame only what changed is written.
class Gif {
 public:
  /// `palette_from`: images whose colours it must show. Throws Error where the file cannot be written.
  Gif(const std::string& path, const std::vector<Image>& palette_from);
  ~Gif();
  void add(const Image& image, int milliseconds);
  void close();  // throws Error where the file could not be finished

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace wane::viewer
