#include "envs/device_array.h"

#include <cuda_runtime.h>

#include "configs/device_launch.h"

namespace wane {

int device_count() {
  int count = 0, usable = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) count = 0;
  for (int i = 0; i < count; ++i) usable += new_enough(i);
  return usable;
}

std::string_view why_no_device() {
  if (device_count() > 0) return "";
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorInsufficientDriver) return "no NVIDIA driver is here, or it is older than this CUDA needs";
  if (error != cudaSuccess) return cudaGetErrorString(error);
  return count > 0 ? "the GPU is older than an A100" : "no GPU is there";
}

void wait_for_device() {
  cudaDeviceSynchronize();
  check_device();
}

void* device_room(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  void* memory = nullptr;
  cudaMalloc(&memory, bytes);
  check_device();
  std::unique_ptr<void, DeviceFree> room(memory);
  cudaMemset(memory, 0, bytes);
  check_device();
  return room.release();
}

void to_device(void* to, const void* from, std::size_t bytes) {
  cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice);
  check_device();
}

void from_device(void* to, const void* from, std::size_t bytes) {
  cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost);
  check_device();
}

void DeviceFree::operator()(void* memory) const { cudaFree(memory); }

}  // namespace wane
