#pragma once
// The kernel of `DeviceLanes`: a thread of the GPU per lane, and what it can do with it. The rules are `lane.h`'s.
// Include `world.h`, not this. For nvcc.

#include <cstdint>

#include "configs/device_launch.h"
#include "envs/lane.h"

namespace wane {

template <class World>
struct DeviceView {  // what a kernel is given
  LaneRules<World> rules;
  LaneRun run;
  Lane<World>* lanes;  // (B)
  Ended* ended;        // (B)

  constexpr void start_next(int i, const WaneBuffersV1& to) const {
    rules.start_next(lanes[i], i, run, to);
    ended[i] = kRunning;
  }
};

/// body(i) for begin <= i < end.
template <class World, class Body>
__global__ void over_lanes(DeviceView<World> view, int begin, int end, WaneBuffersV1 to, Body body) {
  const int i = begin + static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < end) body(view, i, to);
}

struct ResetLane {
  template <class World>
  __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
    view.start_next(i, to);
    view.rules.write_flags(i, 0, kRunning, to);
  }
};
struct StepLane {
  const std::int32_t* actions;
  template <class World>
  __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
    view.ended[i] = view.rules.step(view.lanes[i], i, actions[i], to);
  }
};
struct ResetDoneLane {
  template <class World>
  __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
    if (view.ended[i] != kRunning) view.start_next(i, to);
  }
};
struct ResetLaneTo {
  std::uint64_t seed;
  template <class World>
  __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
    view.rules.start(view.lanes[i], i, seed, view.run.difficulty, to);
    view.ended[i] = kRunning;
    view.rules.write_flags(i, 0, kRunning, to);
  }
};
struct ShowLane {
  template <class World>
  __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
    view.rules.write_observation(view.lanes[i].world, i, to);
    view.rules.write_flags(i, 0, view.ended[i], to);
  }
};

}  // namespace wane
