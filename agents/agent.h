#pragma once
// The network: what is observed -> what to do and how good it is. One of the three headers to read first.
//
//   Agent agent(settings, Senses::of(batch, settings.network), settings.train.seed);
//   MemoryState state = agent.memory().begin(B, T);
//   Moment now = agent.moment(B);
//   observe(agent.senses(), batch, previous, lanes, now.seen);
//   agent.step(state, now);                          // acting: now.decision, logits (B, A), value (B); remembers
//   Replay block = agent.unroll(state, observations, {});  // learning: logits (B, T, A), values (B, T), gradients on
//
// encoder -> memory -> heads. Logits are raw: no softmax here. Shapes: B environments, T steps, A actions, D hidden
// size, C symbol inputs, F plain inputs.

#include <torch/nn/module.h>

#include "agents/senses.h"
#include "memory/memory.h"

namespace wane {

/// What the agent is told at one moment, for any leading shape (..): (B) or (B, T).
struct Observation {
  torch::Tensor symbols;  // (.., C) int64, rows of the encoder's table
  torch::Tensor numbers;  // (.., F) plain numbers
};

struct Decision {
  torch::Tensor logits;  // (.., A)
  torch::Tensor value;   // (..)
};

/// One step of up to B environments, on the CPU: acting reads and writes here again and again, and allocates nothing.
struct Moment {
  Observation seen;                // (B, C), (B, F)
  torch::Tensor hidden, features;  // (B, D): encoded, and what the memory makes of it
  torch::Tensor heads;             // (B, A + 1)
  Decision decision;               // (B, A), (B)
};

struct Replay {
  Decision decision;
  std::vector<LayerLosses> layers;  // (N)
};

class Agent : public torch::nn::Module {
 public:
  /// Initial weights are a function of (settings, senses, seed). Throws Error for settings that do not fit together.
  Agent(const Settings& settings, const Senses& senses, std::uint64_t seed);

  Moment moment(int envs) const;
  /// Every environment of `state`: `now.seen` -> `now.decision`. Remembers.
  void step(MemoryState& state, Moment& now) const;
  /// The same for the environments `lanes`, in the first rows of `now`, without remembering.
  void peek(MemoryState& state, Moment& now, std::span<const std::int32_t> lanes) const;
  Replay unroll(const MemoryState& state, const Observation& block, const UnrollOptions& options) const;

  const Memory& memory() const { return *memory_; }
  const Senses& senses() const { return senses_; }

 private:
  torch::Tensor encode(const Observation& observation) const;  // (.., C), (.., F) -> (.., D)
  Decision decide(const torch::Tensor& features) const;
  bool plain() const;  // floats on the CPU
  /// The first n rows of a moment: by LibTorch's operators on a GPU or in double precision, by our own loops elsewhere.
  void encode_rows(Moment& now, std::int64_t n) const;
  void decide_rows(Moment& now, std::int64_t n) const;
  template <class Look>
  void act(Moment& now, std::int64_t n, const Look& look) const;

  Senses senses_;
  std::shared_ptr<Memory> memory_;
  torch::Tensor symbols_, numbers_;   // (rows, D), (D, F)
  torch::Tensor heads_, heads_bias_;  // (A + 1, D), (A + 1): logits, then the value
};

}  // namespace wane
