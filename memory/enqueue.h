#pragma once
// Where kernels of ours are to go: a tensor's device, and the stream that LibTorch fills there now.
//
//   const Enqueue there(tensor.device());
//   device::forward(block, to, there.stream);

#include <c10/core/DeviceGuard.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace wane {

struct Enqueue {
  explicit Enqueue(const c10::Device& device) {
    if (device.is_cpu()) return;  // tests run kernels there
    guard.reset_device(device);
    stream = c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle();
  }

  c10::OptionalDeviceGuard guard;
  void* stream = nullptr;
};

}  // namespace wane
