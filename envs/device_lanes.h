#pragma once
// The batch of one world type on the GPU, a thread per lane: `Lanes` of `lanes.h` with the same functions and the same
// snapshots, whose buffers are the device's. `world.h` puts it behind the C table where nvcc reads it, so that one file
// of a world makes both (CMake compiles each twice). Include `world.h`, not this.
//
// Steps and resets are enqueued on the default stream and return at once; what the device then fails in is told by the
// next call. Whatever returns something of a lane waits for it. Worlds are compiled without fused multiply-adds, so
// that floats are the CPU's to the bit.

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "envs/device_array.h"
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

  struct Reset {
    __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
      view.start_next(i, to);
      view.rules.write_flags(i, 0, kRunning, to);
    }
  };
  struct Step {
    const std::int32_t* actions;
    __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
      view.ended[i] = view.rules.step(view.lanes[i], i, actions[i], to);
    }
  };
  struct ResetDone {
    __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
      if (view.ended[i] != kRunning) view.start_next(i, to);
    }
  };
  struct ResetTo {
    std::uint64_t seed;
    __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
      view.rules.start(view.lanes[i], i, seed, view.run.difficulty, to);
      view.ended[i] = kRunning;
      view.rules.write_flags(i, 0, kRunning, to);
    }
  };
  struct Show {
    __device__ void operator()(const DeviceView<World>& view, int i, const WaneBuffersV1& to) const {
      view.rules.write_observation(view.lanes[i].world, i, to);
      view.rules.write_flags(i, 0, view.ended[i], to);
    }
  };

  void reset(int begin, int end, const WaneBuffersV1& to) { launch(begin, end, to, Reset{}); }
  void step(int begin, int end, const std::int32_t* actions, const WaneBuffersV1& to) {
    launch(begin, end, to, Step{actions});
  }
  void reset_done(int begin, int end, const WaneBuffersV1& to) { launch(begin, end, to, ResetDone{}); }
  void reset_to(int lane, std::uint64_t seed, const WaneBuffersV1& to) { launch(lane, lane + 1, to, ResetTo{seed}); }

  std::uint64_t save_size() const { return sizeof(LaneRun) + count_ * (sizeof(Lane<World>) + sizeof(Ended)); }

  void save(std::uint8_t* to) const {
    std::memcpy(to, &run_, sizeof(LaneRun));
    to += sizeof(LaneRun);
    cuda_check(cudaMemcpy(to, lanes_.data(), count_ * sizeof(Lane<World>), cudaMemcpyDeviceToHost));
    to += count_ * sizeof(Lane<World>);
    cuda_check(cudaMemcpy(to, ended_.data(), count_ * sizeof(Ended), cudaMemcpyDeviceToHost));
  }

  void load(const std::uint8_t* from, const WaneBuffersV1& to) {
    LaneRun run;
    std::memcpy(&run, from, sizeof(LaneRun));
    if (run.lane_bytes != sizeof(Lane<World>)) throw std::runtime_error("the snapshot is of another world or build");
    run_ = run;
    from += sizeof(LaneRun);
    cuda_check(cudaMemcpy(lanes_.data(), from, count_ * sizeof(Lane<World>), cudaMemcpyHostToDevice));
    from += count_ * sizeof(Lane<World>);
    cuda_check(cudaMemcpy(ended_.data(), from, count_ * sizeof(Ended), cudaMemcpyHostToDevice));
    launch(0, static_cast<int>(count_), to, Show{});
  }

 private:
  Lane<World> fetch(int lane) const {
    Lane<World> here;
    cuda_check(cudaMemcpy(&here, lanes_.data() + lane, sizeof(here), cudaMemcpyDeviceToHost));
    return here;
  }

  template <class Body>
  void launch(int begin, int end, const WaneBuffersV1& to, Body body) {
    constexpr int kThreads = 128;
    if (begin == end) return;
    const DeviceView<World> view{rules_, run_, lanes_.data(), ended_.data()};
    over_lanes<<<(end - begin + kThreads - 1) / kThreads, kThreads>>>(view, begin, end, to, body);
    cuda_check(cudaGetLastError());
  }

  LaneRules<World> rules_;
  LaneRun run_;
  std::size_t count_;
  DeviceArray<Lane<World>> lanes_;
  DeviceArray<Ended> ended_;
};

}  // namespace wane
