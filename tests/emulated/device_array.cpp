// In place of envs/device_array.cu: the emulated GPU's memory is this machine's.

#include "envs/device_array.h"

#include <cstdlib>
#include <cstring>

namespace wane {

int device_count() { return 1; }
std::string_view why_no_device() { return ""; }
void wait_for_device() {}
void* device_room(std::size_t bytes) { return bytes ? std::calloc(1, bytes) : nullptr; }
void to_device(void* to, const void* from, std::size_t bytes) {
  if (bytes) std::memcpy(to, from, bytes);
}
void from_device(void* to, const void* from, std::size_t bytes) {
  if (bytes) std::memcpy(to, from, bytes);
}
void DeviceFree::operator()(void* memory) const { std::free(memory); }

}  // namespace wane
