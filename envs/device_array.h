#pragma once
// Memory of the GPU that frees itself, for files that nvcc reads.

#include <cuda_runtime.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace wane {

inline void cuda_check(cudaError_t error) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // or the next launch would be blamed for it
  throw std::runtime_error(std::string("the GPU: ") + cudaGetErrorString(error));
}

/// `n` objects on the device, all bits 0.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t n) {
    cuda_check(cudaMalloc(&data_, n * sizeof(T)));
    if (const cudaError_t error = cudaMemset(data_, 0, n * sizeof(T)); error != cudaSuccess) {
      cudaFree(data_);
      cuda_check(error);
    }
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }

 private:
  T* data_ = nullptr;
};

}  // namespace wane
