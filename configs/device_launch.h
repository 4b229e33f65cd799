#pragma once
// How a kernel of ours is started. For nvcc; tests put another file in its place that runs kernels on the CPU, a fiber
// per thread (tests/emulated), so kernels use no more of CUDA than that one knows.

#include <cuda_runtime.h>

#include <string>

#include "configs/error.h"

namespace wane {

/// Whether our kernels are built for this GPU: one of compute capability 8, or after (cmake/cuda.cmake).
inline bool new_enough(int device) {
  int major = 0;
  return cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) == cudaSuccess && major >= 8;
}

/// Whose memory kernels read: the emulated GPU's is the host's.
inline constexpr bool kEmulated = false;

/// Whether the current GPU can run them.
inline bool can_launch() {
  static const bool can = [] {
    int device = 0;
    return cudaGetDevice(&device) == cudaSuccess && new_enough(device);
  }();
  return can;
}

/// Throws Error for what the device failed in since the last call.
inline void check_device() {
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess)
    throw Error(std::string("the GPU: ") + cudaGetErrorString(error));
}

/// kernel(arguments...) by `blocks` blocks of `threads` threads, enqueued on `stream` (null: the default one). Throws
/// Error where it cannot start, or the device has failed before.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 blocks, int threads, void* stream, const Arguments&... arguments) {
  if (blocks.x * blocks.y * blocks.z == 0) return;  // which CUDA calls an error
  kernel<<<blocks, threads, 0, static_cast<cudaStream_t>(stream)>>>(arguments...);
  check_device();
}

}  // namespace wane
