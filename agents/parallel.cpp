#include "agents/parallel.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <thread>

#include "memory/pool.h"

namespace wane {

Parallel use_threads(int threads, bool operators) {
  pool_threads = threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  at::set_num_threads(operators ? pool_threads.load() : 1);
  return [](int begin, int end, const std::function<void(int, int)>& body) {
    constexpr int kGrain = 256;  // lanes; fewer are not worth a second thread
    const std::int64_t pieces = std::clamp((end - begin) / kGrain, 1, pool_threads.load());
    over_pieces(pieces, [&](std::int64_t p) {
      body(begin + int((end - begin) * p / pieces), begin + int((end - begin) * (p + 1) / pieces));
    });
  };
}

}  // namespace wane
