#pragma once
// How a kernel of ours is started. For nvcc; tests put another file in its place that runs kernels on the CPU, a fiber
// per thread (tests/emulated), so kernels use no more of CUDA than that one knows.

#include <cuda_runtime.h>

#include <string>

#include "configs/error.h"

namespace wane {

/// Whether the current GPU is one that our kernels are built for (cmake/cuda.cmake).
inline bool can_launch() {
  static const bool can = [] {
    int device = 0, major = 0;
    return cudaGetDevice(&device) == cudaSuccess &&
           cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) == cudaSuccess && major >= 8;
  }();
  return can;
}

/// kernel(arguments...) by `blocks` blocks of `threads` threads, enqueued on `stream` (null: the default one). Throws
/// Error where it cannot start, or the device has failed before.
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 blocks, int threads, void* stream, const Arguments&... arguments) {
  if (blocks.x * blocks.y * blocks.z == 0) return;  // which CUDA calls an error
  kernel<<<blocks, threads, 0, static_cast<cudaStream_t>(stream)>>>(arguments...);
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess)
    throw Error(std::string("the GPU: ") + cudaGetErrorString(error));
}

}  // namespace wane
