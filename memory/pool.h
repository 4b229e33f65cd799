#pragma once
// The threads of the program's own loops: worlds, acting, learning. They are OpenMP's, so that LibTorch's operators use
// the same ones and never others besides.
//
//   set_threads(2);
//   over_pieces(n, [&](std::int64_t piece) { … });      // n pieces, each by one thread
//
// What a piece is must not depend on the number of threads: then no result does.

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>

namespace wane {

inline std::atomic<int> pool_threads = 1;

/// body(piece) for every piece 0..n-1, neighbours by one thread. Within a piece it runs alone. The first exception is
/// thrown again here.
template <class Body>
void over_pieces(std::int64_t n, const Body& body) {
  const auto threads = static_cast<int>(std::min<std::int64_t>(n, omp_in_parallel() ? 1 : pool_threads.load()));
  if (threads <= 1) {
    for (std::int64_t piece = 0; piece < n; ++piece) body(piece);
    return;
  }
  std::exception_ptr failure;
  std::atomic_flag failed;
#pragma omp parallel num_threads(threads)
  {
    const std::int64_t me = omp_get_thread_num(), all = omp_get_num_threads();
    try {
      for (std::int64_t piece = n * me / all; piece < n * (me + 1) / all; ++piece) body(piece);
    } catch (...) {
      if (!failed.test_and_set()) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

/// body(begin, end) on pieces of `size` that cover 0..n-1.
template <class Body>
void over_ranges(std::int64_t n, std::int64_t size, const Body& body) {
  over_pieces((n + size - 1) / size, [&](std::int64_t p) { body(p * size, std::min(n, (p + 1) * size)); });
}

}  // namespace wane
