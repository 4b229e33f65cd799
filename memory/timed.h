#pragma once
// Where the time goes, for `wane bench`: nothing else reads it.
//
//   { const Timed timed(Work::optimiser); … }          // adds the scope's time, if anybody measures
//
// Off until `measure_work(true)`; then a scope costs two readings of the clock.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace wane {

enum class Work {
  worlds,      // worlds' steps and resets, and what of them is copied
  acting,      // the policy's steps, attention included
  projecting,  // compacting the slots, their keys and values after an update
  learning,    // the unroll's forward pass and the loss, attention included
  attention,   // within acting, learning and backward: summed over threads
  backward,    // attention included
  optimiser,   // clipping and the step
  count
};

struct WorkClock {
  std::atomic<bool> on = false;
  std::atomic<std::int64_t> nanoseconds[int(Work::count)] = {};
};
inline WorkClock work_clock;

/// Starts from zero, or stops.
inline void measure_work(bool on) {
  for (auto& of_work : work_clock.nanoseconds) of_work = 0;
  work_clock.on = on;
}
inline double seconds_of(Work work) { return 1e-9 * static_cast<double>(work_clock.nanoseconds[int(work)].load()); }

class Timed {
 public:
  explicit Timed(Work work) : work_(work), on_(work_clock.on.load(std::memory_order_relaxed)) {
    if (on_) begin_ = std::chrono::steady_clock::now();
  }
  ~Timed() {
    if (!on_) return;
    const auto passed = std::chrono::steady_clock::now() - begin_;
    work_clock.nanoseconds[int(work_)].fetch_add(std::chrono::nanoseconds(passed).count(), std::memory_order_relaxed);
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Work work_;
  bool on_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace wane
