#pragma once
// B worlds of one kind on the GPU, stepped together: `Batch` (envs/batch.h) where nothing comes to the host. Episodes
// are the CPU's, bit for bit: the same world's file is compiled for both.
//
//   if (const WaneWorldV1* world = device_world("corridor"); world && device_count() > 0) {
//     DeviceBatch batch(*world, {}, 4096, seed);
//     DeviceInts actions(host_actions);
//     batch.step(actions.data());                // enqueued on the default stream; returns at once
//     use(batch.buffers().observations);         // the device's memory
//     batch.reset_done();
//     DeviceBatch::Host seen = batch.fetch();    // waits, and copies what the last calls wrote
//   }
//
// Nothing of CUDA is needed to include this; built without it no world has a device_world, and device_count is 0.
// Errors of the device are thrown as Error by the call that notices them, which may be a later one.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "configs/settings.h"
#include "envs/wane_world.h"

namespace wane {

/// GPUs that this program can use; 0 without CUDA, without a driver, or with one that is too old.
int device_count();
std::string_view why_no_device();  // "" where there is one

/// The world's table for the GPU; nullptr for one from a shared library, and where wane was built without CUDA.
const WaneWorldV1* device_world(std::string_view id);

/// Integers on the device.
class DeviceInts {
 public:
  explicit DeviceInts(std::span<const std::int32_t> values);
  ~DeviceInts();
  DeviceInts(DeviceInts&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  const std::int32_t* data() const { return data_; }

 private:
  std::int32_t* data_ = nullptr;
};

class DeviceBatch {
 public:
  struct Host {  // copies, as Batch has them
    std::vector<std::uint8_t> observations, terminated, truncated;
    std::vector<float> floats, rewards;
    std::vector<WaneEpisodeV1> episodes;  // (B); a lane's last one that ended
  };

  /// As Batch's; `world` from device_world.
  DeviceBatch(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs, std::uint64_t run_seed,
              std::uint64_t first_lane = 0);
  ~DeviceBatch();

  int envs() const { return envs_; }        // B
  int actions() const { return actions_; }  // A

  void set_difficulty(float difficulty);
  void reset_all();
  void step(const std::int32_t* actions);  // (B), 0..A-1, on the device. Finished lanes must have been reset before
  void reset_done();
  void wait() const;  // until all of it is done

  const WaneBuffersV1& buffers() const { return buffers_; }  // the device's
  Host fetch() const;

  std::vector<std::uint8_t> save() const;  // the same bytes as Batch's
  void load(std::span<const std::uint8_t> bytes);

 private:
  struct Memory;
  void call(int result) const;

  const WaneWorldV1* world_;
  WaneBatch* lanes_ = nullptr;
  int envs_, actions_ = 0;
  std::unique_ptr<Memory> memory_;
  WaneBuffersV1 buffers_{};
};

}  // namespace wane
