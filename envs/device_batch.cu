#include "envs/device_batch.h"

#include <string>

#include "configs/error.h"
#include "envs/device_array.h"
#include "envs/world_values.h"

namespace wane {
namespace {

void device_check(cudaError_t error) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // or the next launch would be blamed for it
  throw Error(std::string("the GPU: ") + cudaGetErrorString(error));
}

template <class T>
std::vector<T> to_host(const T* data, std::size_t n) {
  std::vector<T> host(n);
  device_check(cudaMemcpy(host.data(), data, n * sizeof(T), cudaMemcpyDeviceToHost));
  return host;
}

}  // namespace

/// Kernels are built for what has at least `kOldest` (cmake/cuda.cmake).
int device_count() {
  constexpr int kOldest = 8;
  int count = 0, usable = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) count = 0;
  for (int i = 0; i < count; ++i) {
    int major = 0;
    cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, i);
    usable += major >= kOldest;
  }
  return usable;
}

std::string_view why_no_device() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && count > 0 && device_count() == 0) return "the GPU is older than an A100";
  if (error == cudaErrorInsufficientDriver) return "no NVIDIA driver is here, or it is older than this CUDA needs";
  return error != cudaSuccess ? cudaGetErrorString(error) : count > 0 ? "" : "no GPU is there";
}

DeviceInts::DeviceInts(std::span<const std::int32_t> values) {
  device_check(cudaMalloc(&data_, values.size_bytes()));
  if (const cudaError_t error = cudaMemcpy(data_, values.data(), values.size_bytes(), cudaMemcpyHostToDevice);
      error != cudaSuccess) {
    cudaFree(data_);
    device_check(error);
  }
}
DeviceInts::~DeviceInts() { cudaFree(data_); }

struct DeviceBatch::Memory {
  Memory(std::size_t envs, const WaneSpecV1& spec)
      : cells(envs * static_cast<std::size_t>(spec.cells)), numbers(envs * static_cast<std::size_t>(spec.floats)),
        observations(cells), terminated(envs), truncated(envs), floats(numbers), rewards(envs), episodes(envs) {}

  std::size_t cells, numbers;
  DeviceArray<std::uint8_t> observations, terminated, truncated;
  DeviceArray<float> floats, rewards;
  DeviceArray<WaneEpisodeV1> episodes;
};

DeviceBatch::DeviceBatch(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs,
                         std::uint64_t run_seed, std::uint64_t first_lane)
    : world_(&world), envs_(envs) {
  check(envs >= 1, "a batch has at least one environment");
  const std::vector<double> checked = world_values(world, values);
  lanes_ = world.create(checked.data(), envs, run_seed, first_lane);
  call(lanes_ == nullptr);
  try {
    WaneSpecV1 spec;
    world.spec(lanes_, &spec);
    actions_ = spec.actions;
    memory_ = std::make_unique<Memory>(static_cast<std::size_t>(envs), spec);
    buffers_ = {memory_->observations.data(), memory_->floats.data(),    memory_->rewards.data(),
                memory_->terminated.data(),   memory_->truncated.data(), memory_->episodes.data()};
    reset_all();
  } catch (...) {
    world.destroy(lanes_);
    throw;
  }
}

DeviceBatch::~DeviceBatch() { world_->destroy(lanes_); }

void DeviceBatch::call(int result) const {
  if (result != 0) throw Error("world `" + std::string(world_->id) + "` on the GPU: " + world_->last_error());
}

void DeviceBatch::set_difficulty(float difficulty) {
  check(difficulty >= 0 && difficulty <= 1, "difficulty is 0..1");
  world_->set_difficulty(lanes_, difficulty);
}

void DeviceBatch::reset_all() { call(world_->reset(lanes_, 0, envs_, &buffers_)); }
void DeviceBatch::step(const std::int32_t* actions) { call(world_->step(lanes_, 0, envs_, actions, &buffers_)); }
void DeviceBatch::reset_done() { call(world_->reset_done(lanes_, 0, envs_, &buffers_)); }
void DeviceBatch::wait() const { device_check(cudaDeviceSynchronize()); }

DeviceBatch::Host DeviceBatch::fetch() const {
  const auto envs = static_cast<std::size_t>(envs_);
  return {to_host(buffers_.observations, memory_->cells),
          to_host(buffers_.terminated, envs),
          to_host(buffers_.truncated, envs),
          to_host(buffers_.floats, memory_->numbers),
          to_host(buffers_.rewards, envs),
          to_host(buffers_.episodes, envs)};
}

std::vector<std::uint8_t> DeviceBatch::save() const {
  std::vector<std::uint8_t> bytes(world_->save_size(lanes_));
  call(world_->save(lanes_, bytes.data(), bytes.size()));
  return bytes;
}

void DeviceBatch::load(std::span<const std::uint8_t> bytes) {
  call(world_->load(lanes_, bytes.data(), bytes.size(), &buffers_));
}

}  // namespace wane
