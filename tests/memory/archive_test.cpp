// A state that was saved between blocks and loaded continues bit for bit.

#include <gtest/gtest.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <sstream>

#include "configs/error.h"
#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

std::string saved(const Memory& memory, const MemoryState& state) {
  torch::serialize::OutputArchive archive;
  memory.save(state, archive);
  std::ostringstream text;
  archive.save_to(text);
  return text.str();
}

MemoryState loaded(const Memory& memory, const std::string& text, int envs, int block) {
  torch::serialize::InputArchive archive;
  std::istringstream stream(text);
  archive.load_from(stream);
  return memory.load(archive, envs, block);
}

class Archive : public testing::TestWithParam<Plan> {};

INSTANTIATE_TEST_SUITE_P(Plans, Archive, testing::ValuesIn(plans()), [](const auto& test) { return test.param.name; });

TEST_P(Archive, ContinuesBitForBit) {
  for (const auto precision : {torch::kFloat32, torch::kFloat64}) {
    Simulation s(GetParam(), 41, precision);
    for (int block = 0; block < 3; ++block) {
      s.fill_block();
      nudge(*s.memory, s.draws);
      s.refresh();
    }
    MemoryState other = loaded(*s.memory, saved(*s.memory, s.state), 3, s.state.block);
    other.witnesses = s.plan.witnesses;
    s.books.expect_same(other, Weights(*s.memory, s.plan));
    EXPECT_EQ(other.now, s.state.now);
    for (int block = 0; block < 2; ++block) {
      for (int t = 0; t < s.state.block; ++t) {
        if (t == 4) {
          s.clear(2);
          s.memory->clear(other, std::array{2});
        }
        const Tensor y = s.step(0);
        ASSERT_TRUE(torch::equal(s.memory->step(other, s.inputs.select(1, t)), y)) << "step " << t;
        ASSERT_EQ(fingerprint(other), fingerprint(s.state));
      }
      ASSERT_TRUE(torch::equal(s.memory->unroll(other, s.inputs, {}).features,
                               s.memory->unroll(s.state, s.inputs, {}).features));
      s.refresh();
      s.memory->refresh(other);
    }
    EXPECT_EQ(saved(*s.memory, other), saved(*s.memory, s.state));
  }
}

TEST(ArchiveErrors, AnotherNumberOfEnvironments) {
  Simulation s(plans().front(), 42);
  s.fill_block();
  s.refresh();
  const std::string text = saved(*s.memory, s.state);
  EXPECT_THROW(loaded(*s.memory, text, 2, 9), Error);
  EXPECT_THROW(loaded(*s.memory, text, 4, 9), Error);
}

TEST(ArchiveErrors, InTheMiddleOfABlock) {
  Simulation s(plans().front(), 43);
  s.step();
  EXPECT_THROW(saved(*s.memory, s.state), std::logic_error);
}

TEST(ArchiveClears, WhatWasForgottenBetweenRefreshAndSaveDoesNotReturn) {
  Simulation s(plans().front(), 44);
  s.fill_block();
  s.refresh();
  s.clear(1);
  const MemoryState other = loaded(*s.memory, saved(*s.memory, s.state), 3, 9);
  s.books.expect_same(other, Weights(*s.memory, s.plan));
}

TEST(ArchiveSwap, WhatWasExchangedStaysExchanged) {
  Simulation s(plans().front(), 45);
  s.fill_block(0);
  s.refresh();
  s.memory->swap(s.state, 0, 2);
  MemoryState other = loaded(*s.memory, saved(*s.memory, s.state), 3, 9);
  const Tensor x = s.draws.tensor({3, s.plan.memory.width});
  EXPECT_LE(difference(s.memory->step(other, x), s.memory->step(s.state, x)), 1e-12);
}

}  // namespace
}  // namespace wane
