// In place of device_array.cu and the worlds' kernels, where there was no nvcc when wane was built.

#include "configs/error.h"
#include "envs/device_array.h"

namespace wane {
namespace {

constexpr const char* kWhy = "this wane was built without CUDA: no nvcc was found";

}  // namespace

int device_count() { return 0; }
std::string_view why_no_device() { return kWhy; }
void wait_for_device() { throw Error(kWhy); }
void* device_room(std::size_t) { throw Error(kWhy); }
void to_device(void*, const void*, std::size_t) { throw Error(kWhy); }
void from_device(void*, const void*, std::size_t) { throw Error(kWhy); }
void DeviceFree::operator()(void*) const {}

}  // namespace wane
