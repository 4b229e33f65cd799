#pragma once
// The batch of one world type, written once for all worlds: episode seeds, resets, buffers, snapshots. What a step of
// a lane is stands in `lane.h`; `world_table` puts all of it behind the C table (`wane_world.h`). Include `world.h`,
// not this. Installed; std only.
//
// Every lane is stepped in one loop that the compiler inlines the world into; nothing is allocated per step.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "envs/lane.h"

namespace wane {

template <class World>
class Lanes {
 public:
  Lanes(const double* values, int lanes, std::uint64_t run_seed, std::uint64_t first_lane)
      : rules_(LaneRules<World>::of(values, lanes)), run_{run_seed, first_lane, 1.f, sizeof(Lane<World>)} {
    lanes_.resize(static_cast<std::size_t>(lanes));
    ended_.resize(lanes_.size(), kRunning);
    std::memset(static_cast<void*>(lanes_.data()), 0,
                lanes_.size() * sizeof(Lane<World>));  // padding too: equal states, equal bytes
  }

  const Spec& spec() const { return rules_.spec; }
  void set_difficulty(float difficulty) { run_.difficulty = difficulty; }
  std::uint64_t episode_seed(int lane) const { return at(lane).seed; }
  Picture picture(int lane) const { return at(lane).world.picture(rules_.settings); }

  void reset(int begin, int end, const WaneBuffersV1& to) {
    for (int i = begin; i < end; ++i) {
      start_next(i, to);
      rules_.write_flags(i, 0, kRunning, to);
    }
  }

  void step(int begin, int end, const std::int32_t* actions, const WaneBuffersV1& buffers) {
    const LaneRules<World> rules = rules_;  // copies of this thread's own: no byte that is written can be part of them,
    const WaneBuffersV1 to = buffers;       // so the compiler keeps them in registers
    Lane<World>* const lanes = lanes_.data();
    Ended* const ended = ended_.data();
    for (int i = begin; i < end; ++i) ended[i] = rules.step(lanes[i], i, actions[i], to);
  }

  void reset_done(int begin, int end, const WaneBuffersV1& to) {
    for (int i = begin; i < end; ++i)
      if (ended_[static_cast<std::size_t>(i)] != kRunning) start_next(i, to);
  }

  void reset_to(int lane, std::uint64_t seed, const WaneBuffersV1& to) {
    rules_.start(at(lane), lane, seed, run_.difficulty, to);
    ended_[static_cast<std::size_t>(lane)] = kRunning;
    rules_.write_flags(lane, 0, kRunning, to);
  }

  std::uint64_t save_size() const { return snapshot_size<World>(lanes_.size()); }

  void save(std::uint8_t* to) const {
    std::memcpy(to, &run_, sizeof(LaneRun));
    std::memcpy(to + sizeof(LaneRun), lanes_.data(), lanes_.size() * sizeof(Lane<World>));
    std::memcpy(to + sizeof(LaneRun) + lanes_.size() * sizeof(Lane<World>), ended_.data(),
                ended_.size() * sizeof(Ended));
  }

  void load(const std::uint8_t* from, const WaneBuffersV1& to) {
    run_ = run_of_snapshot<World>(from);
    std::memcpy(static_cast<void*>(lanes_.data()), from + sizeof(LaneRun), lanes_.size() * sizeof(Lane<World>));
    std::memcpy(ended_.data(), from + sizeof(LaneRun) + lanes_.size() * sizeof(Lane<World>),
                ended_.size() * sizeof(Ended));
    for (int i = 0; i < static_cast<int>(lanes_.size()); ++i) {
      rules_.write_observation(at(i).world, i, to);
      rules_.write_flags(i, 0, ended_[static_cast<std::size_t>(i)], to);
    }
  }

 private:
  Lane<World>& at(int lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  const Lane<World>& at(int lane) const { return lanes_[static_cast<std::size_t>(lane)]; }

  void start_next(int i, const WaneBuffersV1& to) {
    rules_.start_next(at(i), i, run_, to);
    ended_[static_cast<std::size_t>(i)] = kRunning;
  }

  LaneRules<World> rules_;
  LaneRun run_;
  std::vector<Lane<World>> lanes_;
  std::vector<Ended> ended_;
};

}  // namespace wane
