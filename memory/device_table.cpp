#include "memory/device_table.h"

#include <torch/types.h>

#include <algorithm>

#include "configs/error.h"
#include "memory/device_books.h"
#include "memory/enqueue.h"

namespace wane {
namespace {

using torch::Tensor;

template <class T>
T* at(const Tensor& tensor) {
  return tensor.data_ptr<T>();
}

device::Books books_of(const SlotTable& table, const MemoryState& state) {
  const DeviceBooks& books = table.books;
  return {state.envs,
          state.block,
          books.past,
          at<std::int32_t>(books.offset),
          reinterpret_cast<device::Candidate*>(at<std::int32_t>(books.candidate)),
          at<std::uint8_t>(books.stays),
          at<std::int32_t>(books.fade),
          at<std::int32_t>(books.live),
          at<std::int32_t>(books.episode),
          at<double>(books.counts)};
}

/// A table without books.
SlotTable tensors_of(const SlotTable& table) {
  SlotTable bare;
  bare.hidden = table.hidden;
  bare.key = table.key;
  bare.value = table.value;
  bare.span = table.span;
  bare.query = table.query;
  bare.counts = table.counts;
  return bare;
}

/// Room for who may see whom, n lanes, each with `queries`.
DeviceCandidates asked(const Tensor& like, std::int64_t n, int queries) {
  DeviceCandidates who;
  who.envs = int(n);
  who.queries = queries;
  who.first = torch::empty({n}, like.options());
  who.end = torch::empty({n}, like.options());
  who.asker = torch::empty({n, queries, 2}, like.options());
  return who;
}

device::Sight sight_of(const DeviceCandidates& who) {
  return {at<std::int32_t>(who.first), at<std::int32_t>(who.end),
          reinterpret_cast<device::Asker*>(at<std::int32_t>(who.asker))};
}

/// Books of a block without steps, all of whose slots are yet to come.
void lay_out_books(DeviceBooks& books, const MemoryState& state, const torch::TensorOptions& numbers) {
  const std::int64_t rows = books.past + std::int64_t(state.envs) * (state.block + 1);
  books.candidate = torch::zeros({rows, 4}, numbers);
  books.stays = torch::zeros({rows}, numbers.dtype(torch::kUInt8));
  books.fade = torch::zeros({rows}, numbers);
  books.episode = torch::zeros({state.envs}, numbers);
}

template <class T>
Tensor there(const std::vector<T>& from, const torch::TensorOptions& options) {
  return torch::tensor(std::vector<std::int64_t>(from.begin(), from.end()), torch::kInt64).to(options);
}

void add_counts(SlotCounts& to, const Tensor& counts) {
  const Tensor here = counts.cpu();
  const auto* lane = reinterpret_cast<const SlotCounts*>(here.const_data_ptr<double>());
  for (std::int64_t b = 0; b < here.size(0); ++b, ++lane) {
    to.queries += lane->queries;
    to.live += lane->live;
    to.most_live = std::max(to.most_live, lane->most_live);
    to.fading += lane->fading;
    to.dropped += lane->dropped;
    to.born += lane->born;
    to.spans += lane->spans;
    to.most_span = std::max(to.most_span, lane->most_span);
  }
}

template <class Body>
void by_precision(const Tensor& spans, const Body& body) {
  if (spans.defined() && spans.scalar_type() == torch::kFloat64) return body(double());
  body(float());
}

template <class Real>
const Real* of(const Tensor& spans) {
  return spans.defined() ? spans.const_data_ptr<Real>() : nullptr;
}

}  // namespace

void take_books_there(SlotTable& table, const MemoryState& state, const Lifetime& lifetime) {
  check(state.filled == 0, "books change their place between blocks");
  check(table.paid.empty() && table.pooled.empty(), "nothing is evicted or pooled by books on a device");
  const auto numbers = torch::TensorOptions().dtype(torch::kInt32).device(table.hidden.device());
  const std::size_t rows = table.birth.size();
  std::vector<std::int32_t> candidate(4 * rows), stays(rows), fade(rows), living;
  DeviceBooks books;
  books.past = table.past();
  books.lifetime = lifetime;
  for (int b = 0; b < state.envs; ++b) {
    const std::int32_t first = table.offset[b], end = table.offset[b + 1];
    books.most = std::max(books.most, end - first);
    const auto put = [&](std::int32_t row, std::int32_t death) {
      const std::size_t to = row + std::size_t(b) * (state.block + 1);
      const auto birth = static_cast<std::int32_t>(table.birth[row] - state.now);
      std::ranges::copy(std::array{row, birth, death, state.clears[b]}, candidate.begin() + 4 * to);
      stays[to] = table.stays[row];
      fade[to] = table.fade[row];
    };
    for (std::int32_t row = first; row < end; ++row) put(row, 0);
    for (const std::int32_t row : table.live[b]) {
      check(first <= row && row < end, "between blocks all that lives is past");
      put(row, table.death[row]);
    }
    living.push_back(std::int32_t(table.live[b].size()));
  }
  books.offset = there(table.offset, numbers);
  books.candidate = there(candidate, numbers).view({std::int64_t(rows), 4});
  books.stays = there(stays, numbers.dtype(torch::kUInt8));
  books.fade = there(fade, numbers);
  books.live = there(living, numbers);
  books.episode = there(state.clears, numbers);
  books.counts = torch::zeros({state.envs, kCounts}, numbers.dtype(torch::kFloat64));
  SlotTable next = tensors_of(table);
  next.books = std::move(books);
  table = std::move(next);
}

SlotTable with_books_here(const SlotTable& table, const MemoryState& state) {
  const DeviceBooks& books = table.books;
  SlotTable here = tensors_of(table);
  const auto here_of = [](const Tensor& tensor) { return tensor.to(torch::kCPU, torch::kInt32).contiguous(); };
  const Tensor offset = here_of(books.offset), candidate = here_of(books.candidate), stays = here_of(books.stays),
               fade = here_of(books.fade), live = here_of(books.live), episode = here_of(books.episode);
  here.offset.assign(at<std::int32_t>(offset), at<std::int32_t>(offset) + offset.numel());
  const auto rows = std::size_t(candidate.size(0));
  here.birth.resize(rows);
  here.death.resize(rows);
  here.fade.assign(rows, kNever);
  here.stays.resize(rows);
  here.live.resize(state.envs);
  here.seen.assign(at<std::int32_t>(live), at<std::int32_t>(live) + state.envs);
  here.fading.assign(state.envs, 0);
  here.expired.assign(state.envs, 0);
  const auto* const slots = reinterpret_cast<const device::Candidate*>(at<std::int32_t>(candidate));
  const std::int64_t base = state.now - books.steps;
  for (int b = 0; b < state.envs; ++b) {
    const std::int32_t first = here.offset[b] + b * (state.block + 1),
                       end = first + here.offset[b + 1] - here.offset[b] + books.steps;
    for (std::int32_t c = first; c < end; ++c) {
      const device::Candidate& slot = slots[c];
      here.birth[slot.row] = base + slot.birth;
      here.death[slot.row] = slot.death_age;
      here.fade[slot.row] = at<std::int32_t>(fade)[c];
      here.stays[slot.row] = std::uint8_t(at<std::int32_t>(stays)[c]);
      const std::int32_t age = std::max(books.steps - 1, 0) - slot.birth;  // at the last query
      if (age < slot.death_age && slot.episode == at<std::int32_t>(episode)[b]) here.live[b].push_back(slot.row);
    }
  }
  add_counts(here.counts, books.counts);
  return here;
}

Tensor lanes_there(std::span<const std::int32_t> lanes, const torch::Device& device) {
  const auto wanted = torch::TensorOptions().dtype(torch::kInt64).pinned_memory(device.is_cuda());
  const Tensor host = torch::empty({std::int64_t(lanes.size())}, wanted);
  std::ranges::copy(lanes, at<std::int64_t>(host));
  return host.to(device, torch::kInt64, true);
}

Tensor present_rows_there(const SlotTable& table, const MemoryState& state, const Tensor& lanes) {
  const auto numbers = torch::TensorOptions().dtype(torch::kInt64).device(table.hidden.device());
  return (lanes.defined() ? lanes : torch::arange(state.envs, numbers)) * (state.block + 1) +
         (table.past() + state.filled);
}

DeviceCandidates look_there(SlotTable& table, const MemoryState& state, const Tensor& lanes, const Tensor& spans,
                            bool remember) {
  DeviceBooks& books = table.books;
  const std::int64_t n = lanes.defined() ? lanes.size(0) : state.envs;
  DeviceCandidates who = asked(books.offset, n, 1);
  who.most = books.most + books.steps + 1;
  who.candidate = books.candidate;
  who.stays = books.stays;
  const Enqueue to(books.offset.device());
  by_precision(spans, [&](auto real) {
    device::look<decltype(real)>(books_of(table, state), lanes.defined() ? at<std::int64_t>(lanes) : nullptr, int(n),
                                 books.steps, of<decltype(real)>(spans), books.lifetime, state.witnesses, remember,
                                 sight_of(who), to.stream);
  });
  books.steps += remember;
  return who;
}

DeviceCandidates block_there(const SlotTable& table, const MemoryState& state, std::int32_t greatest_age) {
  const DeviceBooks& books = table.books;
  const std::int64_t all = books.past + std::int64_t(state.envs) * books.steps;
  DeviceCandidates who = asked(books.offset, state.envs, books.steps);
  who.most = books.most + books.steps;
  who.greatest_age = greatest_age;
  who.candidate = torch::empty({all, 4}, books.candidate.options());
  who.stays = torch::empty({all}, books.stays.options());
  const Enqueue to(books.offset.device());
  device::record(books_of(table, state), books.steps,
                 reinterpret_cast<device::Candidate*>(at<std::int32_t>(who.candidate)), at<std::uint8_t>(who.stays),
                 sight_of(who), to.stream);
  return who;
}

void forget_there(SlotTable& table, const MemoryState& state, const Tensor& lanes) {
  const Enqueue to(lanes.device());
  device::forget(books_of(table, state), at<std::int64_t>(lanes), int(lanes.size(0)), to.stream);
}

void compact_there(SlotTable& table, const MemoryState& state) {
  DeviceBooks& books = table.books;
  const auto numbers = books.offset.options();
  const Enqueue to(books.offset.device());
  const Tensor kept = torch::empty({state.envs}, numbers), offset = torch::zeros({state.envs + 1}, numbers);
  device::survive(books_of(table, state), books.steps, state.witnesses, at<std::int32_t>(kept), to.stream);
  offset.narrow(0, 1, state.envs).copy_(kept.cumsum(0, torch::kInt32));
  const Tensor sizes = torch::stack({offset[state.envs], kept.max()}).cpu();  // the device is waited for
  const std::int32_t past = sizes[0].item<std::int32_t>();
  if (books.steps == 0 && past == books.past) {
    books.episode.zero_();
    return;
  }

  SlotTable next;
  next.books.offset = offset;
  next.books.live = books.live;
  next.books.counts = books.counts;
  next.books.past = past;
  next.books.lifetime = books.lifetime;
  next.books.most = sizes[1].item<std::int32_t>();
  lay_out_books(next.books, state, numbers);
  lay_out_tensors(next, next.books.candidate.size(0), int(table.hidden.size(1)), table.hidden.options(),
                  table.span.defined());
  const Tensor rows = torch::empty({past}, numbers.dtype(torch::kInt64));
  device::keep(books_of(table, state), books.steps, books_of(next, state), at<std::int64_t>(rows), to.stream);
  copy_rows(next, table, rows);
  next.query = table.query;
  next.counts = table.counts;
  table = std::move(next);
}

void relive_there(SlotTable& table, const MemoryState& state, const Lifetime& lifetime) {
  DeviceBooks& books = table.books;
  check(books.steps == 0, "lives change between blocks");
  books.lifetime = lifetime;
  {
    const Enqueue to(books.offset.device());
    by_precision(table.span, [&](auto real) {
      device::relive<decltype(real)>(books_of(table, state), of<decltype(real)>(table.span), lifetime, state.witnesses,
                                     to.stream);
    });
  }
  compact_there(table, state);
}

void fetch_counts(SlotTable& table) {
  if (!table.books.defined()) return;
  add_counts(table.counts, table.books.counts);
  table.books.counts.zero_();
}

}  // namespace wane
