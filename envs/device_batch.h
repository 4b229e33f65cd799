#pragma once
// B worlds of one kind on the GPU, stepped together: `Batch` (envs/batch.h) where nothing comes to the host. Episodes
// are the CPU's, bit for bit: the same world's file is compiled for both.
//
//   if (const WaneWorldV1* world = device_world("corridor"); world && device_count() > 0) {   // envs/registry.h
//     DeviceBatch batch(*world, {}, 4096, seed);
//     DeviceArray<std::int32_t> actions(host_actions);
//     batch.step(actions.data());                // enqueued on the default stream; returns at once
//     use(batch.buffers().observations);         // the device's memory
//     batch.reset_done();
//     DeviceBatch::Host seen = batch.fetch();    // waits, and copies what the last calls wrote
//   }

#include <cstdint>
#include <span>
#include <vector>

#include "envs/batch.h"
#include "envs/device_array.h"

namespace wane {

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

  int envs() const { return envs_; }             // B
  int actions() const { return spec_.actions; }  // A

  void set_difficulty(float difficulty);
  void reset_all();
  void step(const std::int32_t* actions);  // (B), 0..A-1, on the device. Finished lanes must have been reset before
  void reset_done();

  const WaneBuffersV1& buffers() const { return buffers_; }  // the device's
  Host fetch() const;

  std::vector<std::uint8_t> save() const;  // the same bytes as Batch's
  void load(std::span<const std::uint8_t> bytes);

 private:
  void call(int result) const;

  const WaneWorldV1* world_;
  WaneBatchOwner lanes_;
  int envs_;
  WaneSpecV1 spec_;
  DeviceArray<std::uint8_t> observations_, terminated_, truncated_;
  DeviceArray<float> floats_, rewards_;
  DeviceArray<WaneEpisodeV1> episodes_;
  WaneBuffersV1 buffers_;
};

}  // namespace wane
