#include "apps/game.h"
#include "apps/config_words.h"

#include <fmt/format.h>

#include "configs/write_file.h"
#include "envs/registry.h"
#include "envs/rng.h"

namespace wane {
namespace {

/// Keys that mean an action by its name, beside the action's own character.
constexpr struct {
  const char *key, *action;
} kByName[] = {{"Up", "north"},   {"Down", "south"}, {"Left", "west"},   {"Right", "east"},
               {"Up", "forward"}, {"Left", "left"},  {"Right", "right"}, {"Down", "back"}};
constexpr std::string_view kCharacters = "123456789abcdefghijklmopstuvwxyz";  // q, r, n have meanings of their own

int action_of(const Batch& batch, const std::string& key) {
  const auto names = batch.action_names();
  for (const auto& row : kByName)
    for (std::size_t i = 0; i < names.size(); ++i)
      if (key == row.key && std::string_view(names[i]) == row.action) return static_cast<int>(i);
  const std::size_t index = key.size() == 1 ? kCharacters.find(key[0]) : std::string_view::npos;
  return index < names.size() ? static_cast<int>(index) : -1;
}

}  // namespace

Game::Game(const PlayCommand& command)
    : command_(command), settings_(world_settings(command.world, command.overrides)),
      player_(find_world(command.world), settings_, episode_seed(command.seed, 0, 0), command.difficulty) {
  start();
}

void Game::start() {
  const std::uint64_t seed = episode_seed(command_.seed, 0, number_);
  player_.start(seed);
  transcript_ = {command_.world, settings_, command_.difficulty, seed, {}};
  episode_return_ = 0;
  said_.clear();
  trail_.clear();
  stand();
}

void Game::stand() {
  const Picture picture = player_.batch().picture(0);
  trail_.emplace_back(picture.agent_x, picture.agent_y);
}

void Game::step(int action) {
  transcript_.actions.push_back(action);
  const Seen& seen = player_.step(action);
  stand();
  episode_return_ += seen.reward;
  said_ = fmt::format("{}: reward {:g}", player_.batch().action_names()[static_cast<std::size_t>(action)], seen.reward);
  if (!player_.ended()) return;
  said_ += fmt::format("; {}: success {:g} after {} steps. n: the next one", seen.terminated ? "over" : "time is up",
                       player_.episode().success, player_.episode().length);
}

void Game::record() const {
  if (command_.record.empty() || transcript_.actions.empty()) return;
  write_file_atomically(command_.record, render(transcript_));
}

bool Game::press(const std::string& key) {
  if (key == "q" || key == "Escape" || key == "closed" || key == "Ctrl+C") return record(), false;
  if (key == "r" || key == "n") {
    record();
    number_ += key == "n";
    start();
  } else if (const int action = action_of(player_.batch(), key); action >= 0 && !player_.ended()) {
    step(action);
  }
  return true;
}

std::string Game::state() const {
  return fmt::format("{}, episode {}, step {}, return {:.3g}", transcript_.world, transcript_.seed,
                     transcript_.actions.size(), episode_return_);
}

std::string Game::observed() const {
  std::string out = "observed:";
  for (const std::uint8_t code : player_.last.view) out += fmt::format(" {}", code);
  for (const float number : player_.last.floats) out += fmt::format(" {:.3g}", number);
  return out;
}

std::string Game::keys() const {
  std::string out;
  const auto names = player_.batch().action_names();
  for (std::size_t i = 0; i < names.size() && i < kCharacters.size(); ++i)
    out += fmt::format("{}{} {}", i ? "   " : "", kCharacters[i], names[i]);
  return out + "\narrows where they fit   r again   n next episode   q quit\n";
}

}  // namespace wane
