// The book-keeping of slots on a GPU. A warp has a lane of the batch, or, between blocks, a thread does.

#include <algorithm>

#include "configs/device_launch.h"
#include "memory/device_books.h"
#include "memory/device_warp.h"

namespace wane::device {
namespace {

constexpr int kThreads = 128;  // of a block whose threads have a lane of the batch each

/// One lane's part of the books.
struct Lane {
  const Books& books;
  int lane;

  __device__ std::int32_t first() const { return books.offset[lane] + lane * (books.block + 1); }
  __device__ std::int32_t past() const { return books.offset[lane + 1] - books.offset[lane]; }
  __device__ std::int32_t present_row(int t) const { return books.past + lane * (books.block + 1) + t; }
  __device__ SlotCounts& counts() const { return reinterpret_cast<SlotCounts*>(books.counts)[lane]; }

  __device__ bool alive(std::int32_t at, int now) const {
    const Candidate slot = books.candidate[at];
    return now - slot.birth < slot.death_age && slot.episode == books.episode[lane];
  }
};

__device__ std::int32_t death_age(const Lifetime& lifetime, double span, const Witnesses& witnesses, int lane) {
  const std::int32_t own = lifetime.death_age(span);
  return witnesses.has(lane) ? std::max(own, witnesses.age) : own;
}

/// Blocks: (lane asked), a warp each.
template <class Real>
__global__ void look_kernel(Books books, const std::int64_t* lanes, int filled, const Real* spans, Lifetime lifetime,
                            Witnesses witnesses, bool remember, Sight to) {
  const int i = int(blockIdx.x), thread = int(threadIdx.x);
  const Lane lane{books, lanes ? int(lanes[i]) : i};
  const bool witness = witnesses.has(lane.lane);
  const std::int32_t first = lane.first(), own = first + lane.past() + filled, episode = books.episode[lane.lane];
  const double span = spans ? double(spans[i]) : 0;
  const bool for_good = spans && lifetime.stays(span);
  if (thread == 0) {
    books.candidate[own] = {lane.present_row(filled), filled,
                            for_good ? kNever : death_age(lifetime, span, witnesses, lane.lane), episode};
    books.stays[own] = for_good || witness;
    books.fade[own] = lifetime.fade_age(span);
    to.first[i] = first;
    to.end[i] = own + 1;
    to.asker[i] = {filled, episode};
  }
  if (!remember) return;
  std::int32_t seen = thread == 0, fading = 0;  // its own step, at age 0, which no ramp begins at
  for (std::int32_t at = first + thread; at < own; at += kWarp) {
    if (!lane.alive(at, filled)) continue;
    ++seen;
    fading += !books.stays[at] && filled - books.candidate[at].birth >= books.fade[at];
  }
  seen = sum_over_warp(seen);
  fading = sum_over_warp(fading);
  if (thread > 0) return;
  const std::int32_t before = books.live[lane.lane];
  books.live[lane.lane] = seen;
  if (witness) return;
  SlotCounts& counts = lane.counts();
  counts.queries += 1;
  counts.live += seen;
  counts.most_live = std::max(counts.most_live, double(seen));
  counts.fading += fading;
  counts.dropped += before + 1 - seen;
  if (!spans) return;
  counts.born += 1;
  counts.spans += span;
  counts.most_span = std::max(counts.most_span, span);
}

/// A thread per lane asked.
__global__ void forget_kernel(Books books, const std::int64_t* lanes, int n) {
  const int i = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) return;
  ++books.episode[lanes[i]];
  books.live[lanes[i]] = 0;
}

/// A thread per lane.
__global__ void survive_kernel(Books books, int filled, Witnesses witnesses, std::int32_t* kept) {
  const int b = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (b >= books.lanes) return;
  const Lane lane{books, b};
  std::int32_t alive = 0;
  for (std::int32_t at = lane.first(), end = at + lane.past() + filled; at < end; ++at) alive += lane.alive(at, filled);
  if (!witnesses.has(b)) lane.counts().dropped += books.live[b] - alive;
  books.live[b] = alive;
  kept[b] = alive;
}

/// A thread per lane.
__global__ void keep_kernel(Books books, int filled, Books next, std::int64_t* rows) {
  const int b = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (b >= books.lanes) return;
  const Lane from{books, b}, to{next, b};
  std::int32_t row = next.offset[b], put = to.first();
  for (std::int32_t at = from.first(), end = at + from.past() + filled; at < end; ++at) {
    if (!from.alive(at, filled)) continue;
    const Candidate slot = books.candidate[at];
    rows[row] = slot.row;
    next.candidate[put] = {row, slot.birth - filled, slot.death_age, 0};
    next.stays[put] = books.stays[at];
    next.fade[put] = books.fade[at];
    ++row, ++put;
  }
}

/// Blocks: (lane), a warp each.
template <class Real>
__global__ void relive_kernel(Books books, const Real* spans, Lifetime lifetime, Witnesses witnesses) {
  const Lane lane{books, int(blockIdx.x)};
  for (std::int32_t i = std::int32_t(threadIdx.x); i < lane.past(); i += kWarp) {
    const std::int32_t at = lane.first() + i;
    const double span = spans ? double(spans[books.offset[lane.lane] + i]) : 0;
    books.fade[at] = lifetime.fade_age(span);
    Candidate& slot = books.candidate[at];
    if (books.stays[at] && slot.death_age == kNever) continue;
    slot.death_age = death_age(lifetime, span, witnesses, lane.lane);
  }
}

/// Blocks: (lane), a warp each.
__global__ void record_kernel(Books books, int filled, Candidate* candidate, std::uint8_t* stays, Sight to) {
  const Lane lane{books, int(blockIdx.x)};
  const std::int32_t past = lane.past(), first = books.offset[lane.lane] + lane.lane * filled;
  for (std::int32_t i = std::int32_t(threadIdx.x); i < past + filled; i += kWarp) {
    Candidate slot = books.candidate[lane.first() + i];
    if (i >= past) {
      const int t = i - past;
      slot.row = books.past + lane.lane * filled + t;
      to.asker[lane.lane * filled + t] = {t, slot.episode};
    }
    candidate[first + i] = slot;
    stays[first + i] = books.stays[lane.first() + i];
  }
  if (threadIdx.x > 0) return;
  to.first[lane.lane] = first;
  to.end[lane.lane] = first + past + filled;
}

dim3 blocks_for(int n) { return {unsigned((n + kThreads - 1) / kThreads)}; }

}  // namespace

template <class Real>
void look(const Books& books, const std::int64_t* lanes, int n, int filled, const Real* span, const Lifetime& lifetime,
          const Witnesses& witnesses, bool remember, const Sight& to, void* stream) {
  launch(&look_kernel<Real>, dim3(unsigned(n)), kWarp, stream, books, lanes, filled, span, lifetime, witnesses,
         remember, to);
}

void forget(const Books& books, const std::int64_t* lanes, int n, void* stream) {
  launch(&forget_kernel, blocks_for(n), kThreads, stream, books, lanes, n);
}

void survive(const Books& books, int filled, const Witnesses& witnesses, std::int32_t* kept, void* stream) {
  launch(&survive_kernel, blocks_for(books.lanes), kThreads, stream, books, filled, witnesses, kept);
}

void keep(const Books& books, int filled, const Books& next, std::int64_t* rows, void* stream) {
  launch(&keep_kernel, blocks_for(books.lanes), kThreads, stream, books, filled, next, rows);
}

template <class Real>
void relive(const Books& books, const Real* span, const Lifetime& lifetime, const Witnesses& witnesses, void* stream) {
  launch(&relive_kernel<Real>, dim3(unsigned(books.lanes)), kWarp, stream, books, span, lifetime, witnesses);
}

void record(const Books& books, int filled, Candidate* candidate, std::uint8_t* stays, const Sight& to, void* stream) {
  launch(&record_kernel, dim3(unsigned(books.lanes)), kWarp, stream, books, filled, candidate, stays, to);
}

template void look(const Books&, const std::int64_t*, int, int, const float*, const Lifetime&, const Witnesses&, bool,
                   const Sight&, void*);
template void look(const Books&, const std::int64_t*, int, int, const double*, const Lifetime&, const Witnesses&, bool,
                   const Sight&, void*);
template void relive(const Books&, const float*, const Lifetime&, const Witnesses&, void*);
template void relive(const Books&, const double*, const Lifetime&, const Witnesses&, void*);

}  // namespace wane::device
