#pragma once
// The one place that knows SDL: a window, or an image off the screen that needs no display, on which ImGui draws.
//
//   Window window("wane", 1280, 720);
//   while (window.events(keys)) { asked = window.frame([&] { return draw(watch, look); }); }
//
//   Canvas canvas(1280, 720, 1);
//   Image image = canvas.frame([&] { draw(watch, look); });

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/viewer/image.h"

namespace wane::viewer {

/// Keys as Terminal::key names them: "Space", "Shift+Right", "a".
using Keys = std::vector<std::string>;

/// Throws Error where no window can be opened.
void need_display();

class Window {
 public:
  /// width x height points; `scale` 0 is the display's own. One thread's: all calls come from that which made it.
  /// Throws Error where there is no display.
  Window(const std::string& title, int width, int height, float scale = 0);
  ~Window();
  /// What happened since the last call, into `keys`. False once the window was closed. Waits up to `patience`
  /// milliseconds for something to happen.
  bool events(Keys& keys, int patience);
  /// Draws a frame and shows it.
  void frame(const std::function<void()>& body);
  /// The frame last shown.
  Image picture() const;
  float scale() const;               // pixels per point
  std::pair<int, int> size() const;  // points

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

class Canvas {
 public:
  Canvas(int width, int height, float scale);
  ~Canvas();
  Image frame(const std::function<void()>& body);
  double draw_seconds() const;  // of the last frame's body: layout and draw lists, without rasterising

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace wane::viewer
