#pragma once
// A random life of a memory: steps, clears in the middle of blocks, changes of the weights; beside it, books that say
// which slots must live, kept from expire_span.md alone: a list of births and deaths for each environment.

#include <array>
#include <memory>
#include <vector>

#include "brute_force.h"
#include "draws.h"

namespace wane {

/// Every rule, form and ramp, with 1 to 3 layers, spans so short that slots die inside a block of nine steps.
std::vector<Plan> plans();
Plan plan_named(const std::string& name);

/// Weights drawn at random, those of spans, positions, null slot and slopes too: spans differ by content.
std::shared_ptr<Memory> random_memory(const Plan& plan, std::uint64_t seed,
                                      torch::ScalarType precision = torch::kFloat64);

/// An optimiser's step in a random direction.
void nudge(Memory& memory, Draws& draws, double size = 0.03);

class Books {
 public:
  struct Slot {
    std::int64_t birth;
    std::int32_t death_age;
    bool stays;
    double span;
    torch::Tensor hidden;
    bool pooled = false;
  };

  Books(int envs, int layers) : slots_(layers, std::vector<std::vector<Slot>>(envs)), counts_(layers) {}

  void clear(int lane);
  void step(const MemoryState& after, const Weights& weights);     // after Memory::step
  void refresh(const MemoryState& after, const Weights& weights);  // after Memory::refresh, weights of now
  void expect_same(const MemoryState& state, const Weights& weights) const;

  const std::vector<Slot>& slots(int layer, int lane) const { return slots_[layer][lane]; }
  int fading_deaths = 0;  // slots that went between two steps of one block
  int pooled = 0;         // means made

 private:
  void drop_dead(const Plan& plan, int layer, int lane, std::int64_t now);
  void evict(int layer, int lane, const std::string& rule, const SlotTable& table);
  void pool(int layer, int lane, std::int64_t now, const Plan& plan);

  std::vector<std::vector<std::vector<Slot>>> slots_;  // (N, B), oldest first
  std::vector<SlotCounts> counts_;
};

struct Simulation {
  Simulation(const Plan& plan, std::uint64_t seed, torch::ScalarType precision = torch::kFloat64, int envs = 3,
             int block = 9);

  /// One step of random input, after random clears with this probability each; the books are compared.
  torch::Tensor step(double clear_chance = 0.1);
  /// Steps up to the end of the block.
  void fill_block(double clear_chance = 0.1);
  void clear(int lane);
  /// With the books.
  void refresh();

  Plan plan;
  Draws draws;
  std::shared_ptr<Memory> memory;
  MemoryState state;
  Books books;
  torch::Tensor inputs, features;  // (B, T, D) of the block, as far as it was acted
};

/// All that a state holds, bit for bit; the present only as far as it was acted, since what lies behind is scratch.
std::vector<double> fingerprint(const MemoryState& state);

}  // namespace wane
