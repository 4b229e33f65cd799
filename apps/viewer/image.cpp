#include "apps/viewer/image.h"

#include <gif_lib.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "configs/error.h"

namespace wane::viewer {

void write_png(const std::string& path, const Image& image) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = png_uint_32(image.width);
  png.height = png_uint_32(image.height);
  png.format = PNG_FORMAT_RGB;
  if (!png_image_write_to_file(&png, path.c_str(), 0, image.rgb.data(), 0, nullptr))
    throw Error(path + ": " + png.message);
}

struct Gif::Inside {
  static constexpr int kColours = 255;
  static constexpr std::uint8_t kAsBefore = 255;
  static constexpr int kBits = 5;  // per channel, of the table from colours to places in the palette

  std::string path;
  GifFileType* file = nullptr;
  std::vector<GifColorType> palette;
  std::vector<std::int16_t> place = std::vector<std::int16_t>(1 << (3 * kBits), -1);
  std::vector<std::uint8_t> shown;  // of the frame before
  int width, height;

  ~Inside() {
    if (file) EGifCloseFile(file, nullptr);
  }
  [[noreturn]] void fail(int error) const {
    const char* why = GifErrorString(error);
    throw Error(path + ": " + (why ? why : "cannot be written"));
  }
  void expect(int result) const {
    if (result != GIF_OK) fail(file ? file->Error : E_GIF_ERR_WRITE_FAILED);
  }
  std::uint8_t nearest(const std::uint8_t* rgb) {
    const int key = (rgb[0] >> (8 - kBits)) << (2 * kBits) | (rgb[1] >> (8 - kBits)) << kBits | rgb[2] >> (8 - kBits);
    std::int16_t& at = place[std::size_t(key)];
    if (at >= 0) return std::uint8_t(at);
    int best = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < kColours; ++i) {
      const int r = palette[i].Red - rgb[0], g = palette[i].Green - rgb[1], b = palette[i].Blue - rgb[2];
      if (const int far = r * r + g * g + b * b; far < best) best = far, at = std::int16_t(i);
    }
    return std::uint8_t(at);
  }
};

Gif::Gif(const std::string& path, const std::vector<Image>& palette_from) : inside_(std::make_unique<Inside>()) {
  inside_->path = path;
  inside_->width = palette_from.front().width;
  inside_->height = palette_from.front().height;
  std::vector<GifByteType> red, green, blue;
  for (const Image& image : palette_from) {
    for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
      red.push_back(image.rgb[i]);
      green.push_back(image.rgb[i + 1]);
      blue.push_back(image.rgb[i + 2]);
    }
  }
  int colours = Inside::kColours;
  inside_->palette.resize(Inside::kColours + 1);
  std::vector<GifByteType> places(red.size());
  if (GifQuantizeBuffer(unsigned(inside_->width), unsigned(red.size() / std::size_t(inside_->width)), &colours,
                        red.data(), green.data(), blue.data(), places.data(), inside_->palette.data()) != GIF_OK)
    throw Error(path + ": no palette for these pictures");
  int error = 0;
  inside_->file = EGifOpenFileName(path.c_str(), false, &error);
  if (!inside_->file) inside_->fail(error);
  EGifSetGifVersion(inside_->file, true);
  ColorMapObject* const map = GifMakeMapObject(256, inside_->palette.data());
  const int put = EGifPutScreenDesc(inside_->file, inside_->width, inside_->height, 8, 0, map);
  GifFreeMapObject(map);
  inside_->expect(put);
  const std::array<unsigned char, 3> forever{1, 0, 0};
  inside_->expect(EGifPutExtensionLeader(inside_->file, APPLICATION_EXT_FUNC_CODE));
  inside_->expect(EGifPutExtensionBlock(inside_->file, 11, "NETSCAPE2.0"));
  inside_->expect(EGifPutExtensionBlock(inside_->file, 3, forever.data()));
  inside_->expect(EGifPutExtensionTrailer(inside_->file));
}

Gif::~Gif() = default;

void Gif::add(const Image& image, int milliseconds) {
  check(image.width == inside_->width && image.height == inside_->height, "frames of one size");
  std::vector<std::uint8_t> now(std::size_t(image.width) * std::size_t(image.height));
  for (std::size_t i = 0; i < now.size(); ++i) now[i] = inside_->nearest(&image.rgb[3 * i]);
  int left = 0, top = 0, right = image.width, bottom = image.height;
  const auto differs = [&](int x, int y) {
    const auto i = std::size_t(y) * std::size_t(image.width) + std::size_t(x);
    return now[i] != inside_->shown[i];
  };
  if (!inside_->shown.empty()) {
    left = image.width, top = image.height, right = bottom = 0;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        if (!differs(x, y)) continue;
        left = std::min(left, x), right = std::max(right, x + 1);
        top = std::min(top, y), bottom = std::max(bottom, y + 1);
      }
    }
    if (right <= left) left = top = 0, right = bottom = 1;  // nothing changed: one pixel carries the time
  }
  const GraphicsControlBlock control{DISPOSE_DO_NOT, false, milliseconds / 10,
                                     inside_->shown.empty() ? NO_TRANSPARENT_COLOR : int(Inside::kAsBefore)};
  std::array<GifByteType, 4> bytes{};
  EGifGCBToExtension(&control, bytes.data());
  inside_->expect(EGifPutExtension(inside_->file, GRAPHICS_EXT_FUNC_CODE, 4, bytes.data()));
  inside_->expect(EGifPutImageDesc(inside_->file, left, top, right - left, bottom - top, false, nullptr));
  std::vector<std::uint8_t> line(std::size_t(right - left));
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const auto i = std::size_t(y) * std::size_t(image.width) + std::size_t(x);
      line[std::size_t(x - left)] = inside_->shown.empty() || differs(x, y) ? now[i] : Inside::kAsBefore;
    }
    inside_->expect(EGifPutLine(inside_->file, line.data(), right - left));
  }
  inside_->shown = std::move(now);
}

void Gif::close() {
  int error = 0;
  GifFileType* const file = std::exchange(inside_->file, nullptr);
  if (EGifCloseFile(file, &error) != GIF_OK) inside_->fail(error);
}

}  // namespace wane::viewer
