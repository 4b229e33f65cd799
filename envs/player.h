#pragma once
// One episode of one environment, played by hand through the public interface: for the checks, for transcripts, for
// `wane play`, for tests.
//
//   Player player(find_world("corridor"), settings.world.values, seed);
//   while (!player.ended()) player.step(2);
//   player.episode().success;

#include <cstdint>
#include <vector>

#include "envs/batch.h"

namespace wane {

/// What one step (or a start, with reward 0) showed. Compared exactly.
struct Seen {
  std::vector<std::uint8_t> view;  // (cells)
  std::vector<float> floats;       // (floats_per_env)
  float reward = 0;
  bool terminated = false, truncated = false;
  bool operator==(const Seen&) const = default;
};

inline Seen seen(const Batch& batch, int lane) {
  const auto i = static_cast<std::size_t>(lane), cells = static_cast<std::size_t>(batch.cells()),
             floats = static_cast<std::size_t>(batch.floats_per_env());
  const auto view = batch.observations().subspan(i * cells, cells);
  const auto numbers = batch.floats().subspan(i * floats, floats);
  return {{view.begin(), view.end()},
          {numbers.begin(), numbers.end()},
          batch.rewards()[i],
          batch.terminated()[i] != 0,
          batch.truncated()[i] != 0};
}

class Player {
 public:
  /// Starts the episode `seed`. Throws Error where the settings are none of the world's.
  Player(const WaneWorldV1& world, std::span<const WorldSetting> settings, std::uint64_t seed, float difficulty = 1)
      : batch_(world, settings, 1, 0) {
    batch_.set_difficulty(difficulty);
    start(seed);
  }
  void start(std::uint64_t seed) {
    batch_.reset_done();
    batch_.reset_to(0, seed);
    last = seen(batch_, 0);
  }
  /// `action` 0..A-1; not after the episode's end.
  const Seen& step(int action) {
    batch_.step({&action, 1});
    return last = seen(batch_, 0);
  }
  bool ended() const { return last.terminated || last.truncated; }
  Batch::Episode episode() const { return batch_.finished().front(); }  // once ended
  std::uint8_t cell(int i) const { return last.view[static_cast<std::size_t>(i)]; }
  const Batch& batch() const { return batch_; }

  Seen last;

 private:
  Batch batch_;
};

/// The action of a player without a plan: uniform over 0..A-1, a function of the three numbers.
inline int random_action(const Batch& batch, std::uint64_t seed, std::uint64_t lane, std::uint64_t step) {
  return static_cast<int>(uniform01(Purpose::test, seed, lane, step) * batch.actions());
}

/// One for every environment: the lane is its number.
inline std::vector<std::int32_t> random_actions(const Batch& batch, std::uint64_t seed, std::uint64_t step) {
  std::vector<std::int32_t> actions;
  for (int lane = 0; lane < batch.envs(); ++lane)
    actions.push_back(random_action(batch, seed, static_cast<std::uint64_t>(lane), step));
  return actions;
}

}  // namespace wane
