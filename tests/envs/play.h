#pragma once
// How tests play: one episode of one lane through the public interface, and everything seen on the way.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "envs/batch.h"
#include "envs/registry.h"

namespace wane {

/// What one step (or a start, with reward 0) showed. Compared exactly.
struct Seen {
  std::vector<std::uint8_t> view;
  std::vector<float> floats;
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

using Values = std::vector<WorldSetting>;

inline Values values(std::initializer_list<std::pair<const char*, std::vector<double>>> list) {
  Values out;
  for (const auto& [key, numbers] : list) out.push_back({key, numbers, "a test"});
  return out;
}

/// One episode, by its seed.
class Player {
 public:
  Player(const WaneWorldV1& world, const Values& settings, std::uint64_t seed, float difficulty = 1)
      : batch_(world, settings, 1, 0) {
    batch_.set_difficulty(difficulty);
    start(seed);
  }
  void start(std::uint64_t seed) {
    batch_.reset_done();
    batch_.reset_to(0, seed);
    last = seen(batch_, 0);
  }
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

inline int random_action(const Batch& batch, std::uint64_t seed, std::uint64_t lane, std::uint64_t step) {
  return static_cast<int>(uniform01(Purpose::test, seed, lane, step) * batch.actions());
}

}  // namespace wane
