#pragma once
// The batch of one world type on the GPU, a thread per lane: `Lanes` of `lanes.h` with the same functions and the same
// snapshots, whose buffers are the device's. `world.h` puts it behind the C table where nvcc reads it, so that one file
// of a world makes both (CMake compiles each twice). Include `world.h`, not this.
//
// Steps and resets are enqueued on the default stream and return at once; what the device then fails in is told by the
// next call. Whatever returns something of a lane waits for it. Worlds are compiled without fused multiply-adds, so
// that floats are the CPU's to the bit.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "envs/device_array.h"
#include "envs/device_kernel.h"

namespace wane {

template <class World>
class DeviceLanes {
 public:
  DeviceLanes(const double* values, int lanes, std::uint64_t run_seed, std::uint64_t first_lane)
      : rules_(LaneRules<World>::of(values, lanes)), run_{run_seed, first_lane, 1.f, sizeof(Lane<World>)},
        count_(static_cast<std::size_t>(lanes)), lanes_(count_), ended_(count_) {}

  const Spec& spec() const { return rules_.spec; }
  void set_difficulty(float difficulty) { run_.difficulty = difficulty; }
  std::uint64_t episode_seed(int lane) const { return fetch(lane).seed; }
  Picture picture(int lane) const { return fetch(lane).world.picture(rules_.settings); }

  void reset(int begin, int end, const WaneBuffersV1& to) { launch(begin, end, to, ResetLane{}); }
  void step(int begin, int end, const std::int32_t* actions, const WaneBuffersV1& to) {
    launch(begin, end, to, StepLane{actions});
  }
  void reset_done(int begin, int end, const WaneBuffersV1& to) { launch(begin, end, to, ResetDoneLane{}); }
  void reset_to(int lane, std::uint64_t seed, const WaneBuffersV1& to) {
    launch(lane, lane + 1, to, ResetLaneTo{seed});
  }

  std::uint64_t save_size() const { return snapshot_size<World>(count_); }

  void save(std::uint8_t* to) const {
    std::memcpy(to, &run_, sizeof(LaneRun));
    to += sizeof(LaneRun);
    from_device(to, lanes_.data(), count_ * sizeof(Lane<World>));
    to += count_ * sizeof(Lane<World>);
    from_device(to, ended_.data(), count_ * sizeof(Ended));
  }

  void load(const std::uint8_t* from, const WaneBuffersV1& to) {
    run_ = run_of_snapshot<World>(from);
    from += sizeof(LaneRun);
    to_device(lanes_.data(), from, count_ * sizeof(Lane<World>));
    from += count_ * sizeof(Lane<World>);
    to_device(ended_.data(), from, count_ * sizeof(Ended));
    launch(0, static_cast<int>(count_), to, ShowLane{});
  }

 private:
  Lane<World> fetch(int lane) const {
    Lane<World> here;
    from_device(&here, lanes_.data() + lane, sizeof(here));
    return here;
  }

  template <class Body>
  void launch(int begin, int end, const WaneBuffersV1& to, Body body) {
    constexpr int kThreads = 128;
    if (begin == end) return;
    const DeviceView<World> view{rules_, run_, lanes_.data(), ended_.data()};
    const auto blocks = static_cast<unsigned>((end - begin + kThreads - 1) / kThreads);
    wane::launch(&over_lanes<World, Body>, blocks, kThreads, nullptr, view, begin, end, to, body);
  }

  LaneRules<World> rules_;
  LaneRun run_;
  std::size_t count_;
  DeviceArray<Lane<World>> lanes_;
  DeviceArray<Ended> ended_;
};

}  // namespace wane
