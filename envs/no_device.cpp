// In place of device_batch.cu and the worlds' kernels, where there was no nvcc when wane was built.

#include "configs/error.h"
#include "envs/device_batch.h"

namespace wane {
namespace {

constexpr const char* kWhy = "this wane was built without CUDA: no nvcc was found";

}  // namespace

int device_count() { return 0; }
std::string_view why_no_device() { return kWhy; }

struct DeviceBatch::Memory {};

DeviceInts::DeviceInts(std::span<const std::int32_t>) { throw Error(kWhy); }
DeviceInts::~DeviceInts() = default;
DeviceBatch::DeviceBatch(const WaneWorldV1& world, std::span<const WorldSetting>, int envs, std::uint64_t,
                         std::uint64_t)
    : world_(&world), envs_(envs) {
  throw Error(kWhy);
}
DeviceBatch::~DeviceBatch() = default;
void DeviceBatch::set_difficulty(float) {}
void DeviceBatch::reset_all() {}
void DeviceBatch::step(const std::int32_t*) {}
void DeviceBatch::reset_done() {}
void DeviceBatch::wait() const {}
DeviceBatch::Host DeviceBatch::fetch() const { return {}; }
std::vector<std::uint8_t> DeviceBatch::save() const { return {}; }
void DeviceBatch::load(std::span<const std::uint8_t>) {}

}  // namespace wane
