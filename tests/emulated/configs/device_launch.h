#pragma once
// In place of configs/device_launch.h: kernels on the CPU. A fiber per thread, block after block; what the threads of a
// block share and where they wait for each other is CUDA's. Which thread comes first is not promised there, so that it
// is the caller's here: `first_comes_last`. A thread that waits for one which never comes is an Error.

#include <cstdint>
#include <cstring>
#include <functional>

#include "configs/error.h"

#define __global__
#define __device__
#define __launch_bounds__(...)
#define __shared__ static thread_local

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

inline thread_local dim3 threadIdx, blockIdx, blockDim;

void __syncthreads();

namespace wane {

extern bool first_comes_last;  // of threads, and of blocks
inline constexpr bool kEmulated = true;
inline bool can_launch() { return true; }

/// Runs `thread` in each of `threads` fibers until all have ended.
void run_block(int threads, const std::function<void()>& thread);

/// Gives `bits` to the warp, all of whose lanes come, and takes those of the lane whose number differs by `mask`.
std::uint64_t exchange(std::uint64_t bits, int mask);

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 blocks, int threads, void*, const Arguments&... arguments) {
  blockDim = {unsigned(threads), 1, 1};
  check(blocks.x < 1u << 31 && blocks.y < 1u << 16 && blocks.z == 1, "a GPU takes no more blocks");
  const unsigned all = blocks.x * blocks.y;
  for (unsigned i = 0; i < all; ++i) {
    const unsigned next = first_comes_last ? all - 1 - i : i;
    blockIdx = {next % blocks.x, next / blocks.x};
    run_block(threads, [&] { kernel(arguments...); });
  }
}

}  // namespace wane

template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = wane::exchange(bits, mask);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}
