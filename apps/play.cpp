// wane play: a person plays a world with the keys, in text or in a window.

#include <fmt/format.h>

#include "apps/game.h"
#include "apps/picture_text.h"
#include "apps/terminal.h"
#include "apps/viewing.h"

namespace wane {
namespace {

std::string frame(const Game& game, int columns, int rows) {
  const std::string keys = game.keys();
  const auto room = 2 * static_cast<std::size_t>(columns);  // two lines of the observation, however long it is
  const int below = 9 + static_cast<int>(keys.size()) / columns;
  return picture_text(game.player().batch().picture(0), columns, std::max(1, rows - below)) +
         fmt::format("\n{}\n{}\n{}\n\n{}", game.state(), game.observed().substr(0, room), game.said(), keys);
}

}  // namespace

int play(const PlayCommand& command) {
  Game game(command);
  if (!command.terminal) return play_in_window(game);
  Terminal terminal;
  for (;;) {
    terminal.show(frame(game, terminal.columns(), terminal.rows()));
    const std::string key = terminal.key();
    if (!game.press(key)) return key == "Ctrl+C" ? 130 : 0;
  }
}

}  // namespace wane
