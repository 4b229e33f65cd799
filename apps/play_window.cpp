// wane play in the window.

#include "apps/game.h"
#include "apps/viewer/draw.h"
#include "apps/viewer/remembered.h"
#include "apps/viewer/window.h"
#include "apps/viewing.h"

namespace wane {

int play_in_window(Game& game) {
  const viewer::Remembered as_left = viewer::recall();
  viewer::Window window(std::string("wane: ") + game.player().batch().world().id, as_left.width, as_left.height);
  const viewer::Look look{.theme = as_left.light ? &viewer::kLight : &viewer::kDark, .scale = window.scale()};
  constexpr int kPatience = 100;  // milliseconds
  for (viewer::Keys keys;; keys.clear()) {
    const std::vector<std::string> lines{game.state(), game.said(), game.observed(), game.keys()};
    window.frame([&] { viewer::draw_game(look, game.player().batch().picture(0), game.trail(), lines); });
    if (!window.events(keys, kPatience)) keys.push_back("closed");
    for (const std::string& key : keys)
      if (!game.press(key)) return 0;
  }
}

}  // namespace wane
