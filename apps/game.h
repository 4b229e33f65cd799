#pragma once
// A person at a world: keys become actions. In text or in a window, the same keys.
//
//   Game game(command);
//   while (game.press(key)) show(game.player().batch().picture(0), game.lines(80));

#include <string>
#include <utility>
#include <vector>

#include "apps/commands.h"
#include "envs/player.h"
#include "envs/transcript.h"

namespace wane {

class Game {
 public:
  /// Throws Error for a world or settings that there are not.
  explicit Game(const PlayCommand& command);

  /// False to quit; the episode is then recorded, where that was asked for. Keys are named as Terminal's are.
  bool press(const std::string& key);

  const Player& player() const { return player_; }
  const std::vector<std::pair<int, int>>& trail() const { return trail_; }  // where the agent stood, oldest first
  std::string state() const;                                                // world, episode, step, return
  std::string observed() const;  // the codes and numbers that an agent is given
  const std::string& said() const { return said_; }
  std::string keys() const;  // what they do, two lines

 private:
  void start();
  void step(int action);
  void record() const;
  void stand();

  PlayCommand command_;
  std::vector<WorldSetting> settings_;
  std::uint64_t number_ = 0;  // of the episode
  Player player_;
  Transcript transcript_;  // of the episode on the screen, so far
  float episode_return_ = 0;
  std::string said_;
  std::vector<std::pair<int, int>> trail_;
};

}  // namespace wane
