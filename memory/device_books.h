#pragma once
// The book-keeping of a table's slots on a GPU: who was born when, lives how long, and is seen by whom. A step is
// written down, and what it may see counted, with no word from the host.
//
// A lane's candidates stand side by side: its past, oldest first, then the T steps of the block and one more place, for
// what is peeked at behind the last. Who is dead is told by its death, as anywhere; only between blocks are the dead
// taken out. Nothing of CUDA is needed to include this; pointers and `stream` as in device_block.h.
//
//   device::look(books, nullptr, B, t, spans, lifetime, witnesses, true, sight, stream);   // step t of all lanes
//   device::forward(block_of(sight), to, stream);                                           // device_block.h
//   device::forget(books, finished, n, stream);
//   device::survive(books, T, witnesses, kept, stream);                                     // between blocks
//   device::keep(books, T, next, rows, stream);                                             // rows to be copied
//
// Shapes: B lanes, T steps of a block, S past slots of all lanes, n lanes asked.

#include "memory/device_block.h"
#include "memory/lifetime.h"
#include "memory/slot_counts.h"
#include "memory/witnesses.h"

namespace wane::device {

struct Books {
  int lanes, block;            // B, T
  std::int32_t past;           // S
  const std::int32_t* offset;  // (B+1): the past of lane b is offset[b] .. offset[b+1]-1
  Candidate* candidate;        // (S + B (T+1)), rows as in SlotTable; steps count from the block's first
  std::uint8_t* stays;         // the same
  std::int32_t* fade;          // the same: the first age at which the mask is under 1
  std::int32_t* live;          // (B) slots that the last query saw, and nobody erased since
  std::int32_t* episode;       // (B) those that ended within this block
  double* counts;              // (B, kCounts) of each lane; of witnesses nothing
};

/// Whom a query may see, of each lane asked: candidates first .. end-1.
struct Sight {
  std::int32_t *first, *end;  // (n)
  Asker* asker;               // (n)
};

/// Step `filled` of the lanes `lanes` (n; null: of all): its slot is born with the span `span` (n; null where the rule
/// has none), and its query sees what lives. `remember`: it is counted.
template <class Real>
void look(const Books& books, const std::int64_t* lanes, int n, int filled, const Real* span, const Lifetime& lifetime,
          const Witnesses& witnesses, bool remember, const Sight& to, void* stream);

/// The episodes of these lanes ended: they remember nothing.
void forget(const Books& books, const std::int64_t* lanes, int n, void* stream);

/// Of each lane, what lives when `filled` steps were acted, to `kept` (B); the dead are counted as dropped.
void survive(const Books& books, int filled, const Witnesses& witnesses, std::int32_t* kept, void* stream);

/// What `survive` counted becomes the past of `next`, a block without steps, whose offsets say where it goes to; `rows`
/// (next.past) names the rows that it comes from.
void keep(const Books& books, int filled, const Books& next, std::int64_t* rows, void* stream);

/// Past slots' lives follow from their spans (S) of now; who stays until the episode ends still does.
template <class Real>
void relive(const Books& books, const Real* span, const Lifetime& lifetime, const Witnesses& witnesses, void* stream);

/// A block of which `filled` steps, Q, were acted, to be unrolled: each lane's past, then its steps, whose rows follow
/// the past lane by lane. `first` and `end` (B), `asker` (B, Q); `candidate`, `stays` (S + B Q).
void record(const Books& books, int filled, Candidate* candidate, std::uint8_t* stays, const Sight& to, void* stream);

}  // namespace wane::device
