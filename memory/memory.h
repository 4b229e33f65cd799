#pragma once
// What an agent remembers, and how it looks at it. One of the three headers to read first.
//
//   auto memory = make_memory(settings, draw);
//   MemoryState state = memory->begin(B, T);
//   Tensor y = memory->step(state, x);                 // act: x (B, D) -> y (B, D), and remember x
//   memory->clear(state, finished);                    // an episode ended: that environment forgets
//   Unrolled u = memory->unroll(state, xs, {});        // learn: the same T steps again, xs (B, T, D), gradients on
//   optimiser.step();
//   memory->refresh(state);                            // the weights changed
//
// Every layer remembers its own inputs. A slot is one of them: (hidden h (D), birth, span). The slots of a layer lie in
// a table: the *past*, ragged over environments and compacted once per block, and the *present*, dense B x T. Steps
// count from the beginning of the state; ages are differences of them. Shape letters: B environments, T steps of a
// block, N layers, H heads, D hidden size, S live slots.

#include <torch/nn/module.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <memory>
#include <span>
#include <vector>

#include "configs/settings.h"
#include "memory/draw.h"
#include "memory/slot_table.h"

namespace wane {

struct UnrollOptions {
  bool learn_spans = false;            // off: spans are constants, and `need`, `charge` and `born` carry no gradient
  std::int32_t greatest_age = kNever;  // span dropout: older slots are hidden in this unroll only
};

struct LayerLosses {
  torch::Tensor born;    // (B, T) ln of the spans of the slots born in this block, before their upper bound; undefined
                         // where the rule has no spans
  torch::Tensor need;    // scalar (`learn: usage` or `both`), see AttentionOutput
  torch::Tensor charge;  // scalar (`learn: gradient` or `both`), see AttentionOutput
  torch::Tensor heads = {};  // (H) spans in steps; undefined where the rule gives none to heads
  torch::Tensor reach = {};  // scalar (`reach_cost`), see AttentionOutput: teaches where to look
};

struct Unrolled {
  torch::Tensor features;           // (B, T, D)
  std::vector<LayerLosses> layers;  // (N)
};

/// One slot as `inspect` shows it. Ages and spans in steps; `attention` per head, as the last query paid it.
struct SlotView {
  std::int64_t birth;
  std::int32_t age, remaining;   // remaining = steps until it dies, kNever where it stays
  double span, mask;             // span is 0 where the rule has none
  std::vector<float> attention;  // (H)
};

class Memory : public torch::nn::Module {
 public:
  /// An empty memory of B environments for blocks of T steps, on the module's device and in its precision.
  virtual MemoryState begin(int envs, int block) const = 0;

  /// One observation of each environment, x (B, D) -> features (B, D). When the block is full, it is compacted first.
  virtual void step(MemoryState& state, const torch::Tensor& x, torch::Tensor& features) const = 0;
  torch::Tensor step(MemoryState& state, const torch::Tensor& x) const;

  /// The same for some environments, without remembering: the first n rows of x, of the environments `lanes` (n), into
  /// the first n of features. What the state holds afterwards is what it held before.
  virtual void peek(MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes,
                    torch::Tensor& features) const = 0;
  torch::Tensor peek(MemoryState& state, const torch::Tensor& x, std::span<const std::int32_t> lanes) const;

  /// The block that `state` recorded (its clears and lifetimes), once more and in parallel: x (B, T, D) as given to the
  /// steps, T = steps acted since the last refresh. Equals those steps within rounding.
  virtual Unrolled unroll(const MemoryState& state, const torch::Tensor& x, const UnrollOptions& options) const = 0;

  /// Begins the next block: drops the dead, compacts, and computes keys, values, spans and deaths of all that lives
  /// with the weights of now. What was dropped never returns.
  virtual void refresh(MemoryState& state) const = 0;

  /// Empties the memory of these environments, and of no other.
  virtual void clear(MemoryState& state, std::span<const std::int32_t> lanes) const = 0;

  /// Exchanges what two environments remember: an experiment on an acting agent. This block cannot be unrolled
  /// afterwards.
  virtual void swap(MemoryState& state, std::int32_t lane, std::int32_t other) const = 0;

  /// The live slots of one environment, layer by layer, oldest first, as its last query saw them.
  virtual std::vector<std::vector<SlotView>> inspect(const MemoryState& state, int lane) const = 0;

  /// Parameters that decide spans; they learn at a rate and under a clip of their own.
  virtual std::vector<torch::Tensor> span_parameters() const = 0;

  /// Everything that a state holds between blocks, slots in order; loading into the same weights continues bit for bit.
  virtual void save(const MemoryState& state, torch::serialize::OutputArchive& archive) const = 0;
  virtual MemoryState load(torch::serialize::InputArchive& archive, int envs, int block) const = 0;
};

/// The memory that `memory.kind` names (sections memory and that of the kind's own name), weights drawn from `draw`.
/// Throws Error for settings that do not fit together.
std::shared_ptr<Memory> make_memory(const Settings& settings, const Draw& draw);

}  // namespace wane
