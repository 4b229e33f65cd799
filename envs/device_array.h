#pragma once
// Memory of the GPU, and what the host does with it. Nothing of CUDA is needed to include this; built without it there
// is no device, and all that needs one throws Error.
//
//   DeviceArray<std::int32_t> actions(host_actions);   // copies there
//   std::vector<float> rewards = array.fetch();        // waits, and copies back
//
// Errors of the device are thrown as Error by the call that notices them, which may be a later one.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace wane {

/// GPUs that this program can use; 0 without CUDA, without a driver, or with one that is too old.
int device_count();
std::string_view why_no_device();  // "" where there is one

void wait_for_device();                // until all of it is done
void* device_room(std::size_t bytes);  // all 0
void to_device(void* to, const void* from, std::size_t bytes);
void from_device(void* to, const void* from, std::size_t bytes);

struct DeviceFree {
  void operator()(void* memory) const;
};

/// `n` objects of the device's; none where n is 0.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t n) : size_(n), data_(static_cast<T*>(device_room(n * sizeof(T)))) {}  // all bits 0
  explicit DeviceArray(std::span<const T> values) : DeviceArray(values.size()) {
    to_device(data(), values.data(), values.size_bytes());
  }

  T* data() const { return data_.get(); }
  std::vector<T> fetch() const {
    std::vector<T> host(size_);
    from_device(host.data(), data(), size_ * sizeof(T));
    return host;
  }

 private:
  std::size_t size_;
  std::unique_ptr<T, DeviceFree> data_;
};

}  // namespace wane
