#pragma once
// One environment of a batch, and what a step of it is: written once, for `Lanes`, which steps lanes in a loop, and
// `DeviceLanes`, which gives each a thread of the GPU. Include `world.h`, not this. Installed; std only.
//
// Here and nowhere else is decided how an episode ends: the world says `terminated`, or else its limit says
// `truncated`.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>

#include "envs/rng.h"
#include "envs/setting_list.h"
#include "envs/wane_world.h"

namespace wane {

enum Ended : std::uint8_t { kRunning = 0, kTerminated = 1, kTruncated = 2 };

struct LaneRun {  // part of every snapshot
  std::uint64_t run_seed, first_lane;
  float difficulty;
  std::uint32_t lane_bytes;
};

template <class World>
struct Lane {
  World world;
  std::uint64_t seed;      // of the episode under way
  std::uint64_t episodes;  // begun by count; the next one's number
  float episode_return;
  std::int32_t length;  // steps of the episode so far
};

/// A snapshot is a LaneRun, then every Lane, then every Ended.
template <class World>
std::uint64_t snapshot_size(std::size_t lanes) {
  return sizeof(LaneRun) + lanes * (sizeof(Lane<World>) + sizeof(Ended));
}

template <class World>
LaneRun run_of_snapshot(const std::uint8_t* from) {
  LaneRun run;
  std::memcpy(&run, from, sizeof(LaneRun));
  if (run.lane_bytes != sizeof(Lane<World>)) throw std::runtime_error("the snapshot is of another world or build");
  return run;
}

/// What all lanes of a batch share; small, and copied to whoever steps them.
template <class World>
struct LaneRules {
  typename World::Settings settings;
  Spec spec;

  /// `values` (settings, 2). Throws for a spec out of bounds, which is its author's mistake, and for no lane.
  static LaneRules of(const double* values, int lanes) {
    const auto settings = assign_settings<World>(values);
    const Spec spec = World::spec(settings);
    if (spec.cells < 0 || spec.floats < 0 || spec.codes < 0 || spec.codes > 256 || spec.actions.empty())
      throw std::runtime_error("its spec is out of bounds: cells, floats >= 0, codes 0..256, at least one action");
    if (lanes < 1) throw std::runtime_error("a batch has at least one lane");
    return {settings, spec};
  }

  /// The step of lane `i`, its true successor and its flags into the buffers. Returns whether its episode goes on.
  constexpr Ended step(Lane<World>& lane, int i, int action, const WaneBuffersV1& to) const {
    const Outcome outcome = lane.world.step(settings, action);
    lane.episode_return += outcome.reward;
    lane.length += 1;
    const Ended ended = outcome.terminated                          ? kTerminated
                        : lane.length >= lane.world.limit(settings) ? kTruncated
                                                                    : kRunning;
    write_observation(lane.world, i, to);
    write_flags(i, outcome.reward, ended, to);
    if (ended != kRunning)
      to.episodes[i] = {lane.seed, lane.episode_return, outcome.success, lane.length, lane.world.size()};
    return ended;
  }

  /// Lane `i` begins its next episode; of the buffers only its observation is written.
  constexpr void start_next(Lane<World>& lane, int i, const LaneRun& run, const WaneBuffersV1& to) const {
    const auto number = run.first_lane + static_cast<std::uint64_t>(i);
    start(lane, i, episode_seed(run.run_seed, number, lane.episodes++), run.difficulty, to);
  }

  constexpr void start(Lane<World>& lane, int i, std::uint64_t seed, float difficulty, const WaneBuffersV1& to) const {
    std::memset(static_cast<void*>(&lane.world), 0, sizeof(World));  // padding too: equal states, equal bytes
    lane.seed = seed;
    lane.episode_return = 0;
    lane.length = 0;
    Rng rng(seed);
    lane.world.reset(settings, difficulty, rng);
    write_observation(lane.world, i, to);
  }

  constexpr void write_observation(const World& world, int i, const WaneBuffersV1& to) const {
    const auto lane = static_cast<std::size_t>(i), cells = static_cast<std::size_t>(spec.cells),
               floats = static_cast<std::size_t>(spec.floats);
    const std::span<std::uint8_t> view(to.observations + lane * cells, cells);
    if constexpr (requires(const World& w) { w.observe(settings, view, std::span<float>()); })
      world.observe(settings, view, std::span<float>(to.floats + lane * floats, floats));
    else world.observe(settings, view);
  }

  static constexpr void write_flags(int i, float reward, Ended ended, const WaneBuffersV1& to) {
    to.rewards[i] = reward;
    to.terminated[i] = ended == kTerminated;
    to.truncated[i] = ended == kTruncated;
  }
};

}  // namespace wane
