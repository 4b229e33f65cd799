#undef _FORTIFY_SOURCE  // Ubuntu's GCC sets it, and then glibc lets longjmp go to no other stack
#define _FORTIFY_SOURCE 0

#include "configs/device_launch.h"

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "configs/error.h"

namespace wane {

bool first_comes_last = false;

namespace {

constexpr int kWarp = 32;
constexpr std::size_t kStack = 256 << 10;

enum class Wait { nothing, block, warp, ended };

struct Fiber {  // lasts, and is a thread of one block after another
  ucontext_t start;
  jmp_buf here;  // swapcontext would ask the kernel each time
  bool started = false;
  std::unique_ptr<char[]> stack{new char[kStack]};
  Wait waits = Wait::nothing;
  std::uint64_t given[2] = {};  // of the exchange of now, and of the one before it, which others may still read
  int exchanges = 0;
};

/// One block at a time: what a thread of a GPU's block finds around it.
struct Block {
  ucontext_t first;  // to where nobody returns
  jmp_buf scheduler;
  std::deque<Fiber> fibers;  // those of the largest block so far
  std::size_t threads = 0;
  const std::function<void()>* body = nullptr;
  std::size_t running = 0;

  bool all(std::size_t from, std::size_t to, Wait wait) const {
    return std::all_of(fibers.begin() + std::ptrdiff_t(from), fibers.begin() + std::ptrdiff_t(to),
                       [&](const Fiber& fiber) { return fiber.waits == wait; });
  }

  /// Lets go those for whom all others have come. Threads that have ended are waited for by no block, but by a warp.
  bool release() {
    const bool block = std::all_of(fibers.begin(), fibers.begin() + std::ptrdiff_t(threads), [](const Fiber& fiber) {
      return fiber.waits == Wait::block || fiber.waits == Wait::ended;
    });
    bool any = false;
    for (std::size_t from = 0; from < threads; from += kWarp) {
      if (!block && !all(from, from + kWarp, Wait::warp)) continue;
      for (std::size_t i = from; i < from + kWarp; ++i) {
        if (fibers[i].waits == Wait::ended) continue;
        fibers[i].waits = Wait::nothing;
        any = true;
      }
    }
    return any;
  }

  void run_until_it_waits(std::size_t i) {
    running = i;
    threadIdx = {unsigned(i), 0, 0};
    if (_setjmp(scheduler)) return;
    if (fibers[i].started) _longjmp(fibers[i].here, 1);
    fibers[i].started = true;
    swapcontext(&first, &fibers[i].start);
  }

  void wait(Wait wait) {
    fibers[running].waits = wait;
    if (!_setjmp(fibers[running].here)) _longjmp(scheduler, 1);
  }
};

thread_local Block block;

void be_a_thread() {
  for (;;) {
    (*block.body)();
    block.wait(Wait::ended);  // until it is another block's thread
  }
}

/// By itself: where getcontext is inlined, GCC fears for all that its caller holds in registers.
[[gnu::noinline]] void prepare(Fiber& fiber) {
  getcontext(&fiber.start);
  fiber.start.uc_stack.ss_sp = fiber.stack.get();
  fiber.start.uc_stack.ss_size = kStack;
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, be_a_thread, 0);
}

}  // namespace

void run_block(int threads, const std::function<void()>& thread) {
  check(threads > 0 && threads % kWarp == 0 && threads <= 1024, "blocks are whole warps, at most 1024 threads");
  block.body = &thread;
  block.threads = std::size_t(threads);
  while (block.fibers.size() < block.threads) prepare(block.fibers.emplace_back());
  for (std::size_t i = 0; i < block.threads; ++i) block.fibers[i].waits = Wait::nothing;
  do {
    for (std::size_t i = 0; i < block.threads; ++i) {
      const std::size_t next = first_comes_last ? block.threads - 1 - i : i;
      if (block.fibers[next].waits == Wait::nothing) block.run_until_it_waits(next);
    }
  } while (block.release());
  if (block.all(0, block.threads, Wait::ended)) return;
  block.fibers.clear();  // they would go on with what they were at
  check(false, "a thread waits for one that never comes");
}

std::uint64_t exchange(std::uint64_t bits, int mask) {
  check(mask > 0 && mask < kWarp, "lanes exchange within their warp");
  const std::size_t mine = block.running;
  const int now = block.fibers[mine].exchanges++ % 2;
  block.fibers[mine].given[now] = bits;
  block.wait(Wait::warp);
  return block.fibers[mine ^ std::size_t(mask)].given[now];
}

}  // namespace wane

void __syncthreads() { wane::block.wait(wane::Wait::block); }
