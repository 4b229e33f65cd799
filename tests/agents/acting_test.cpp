// Acting step by step: once it has run, a step of the transformer asks the heap for nothing.

#include "agents/acting.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "envs/allocations.h"
#include "memory/pool.h"
#include "tiny.h"

namespace wane {
namespace {

/// Allocations of one block of acting steps, after as many blocks of warming up.
long allocations_of_a_block(const std::vector<std::string>& overrides) {
  const int threads = pool_threads;
  pool_threads = 1;  // allocations are counted by thread
  Acting run(tiny(overrides));
  Moment now = run.agent.moment(run.settings.train.envs);
  std::vector<std::int32_t> actions(run.settings.train.envs), finished;
  finished.reserve(actions.size());
  const auto block = [&] {
    const long before = allocations();
    for (int t = 0; t < run.settings.train.steps; ++t) {
      const torch::NoGradGuard no_gradients;
      observe(run.agent.senses(), run.batch, run.previous, run.memory.all, now.seen);
      run.agent.step(run.memory, now);
      choose(now.decision.logits, Purpose::action, 1, static_cast<std::uint64_t>(run.memory.now), actions);
      run.batch.step(actions);
      run.previous.remember(actions, run.batch.rewards());
      finished.clear();
      for (const auto& episode : run.batch.finished()) finished.push_back(episode.lane);
      run.batch.reset_done();
      run.agent.memory().clear(run.memory, finished);
    }
    return allocations() - before;
  };
  for (int i = 0; i < 4; ++i) {
    block();
    run.next_block();
  }
  const long made = block();
  pool_threads = threads;
  return made;
}

TEST(Acting, AllocatesNothingOnceItHasRun) {
  EXPECT_EQ(allocations_of_a_block({}), 0);
  EXPECT_EQ(allocations_of_a_block({"memory.layers=3", "train.envs=40"}), 0);
  EXPECT_EQ(allocations_of_a_block({"memory.kind=transformer_xl", "memory.max_span=6"}), 0);
  EXPECT_EQ(allocations_of_a_block({"memory.storage=bfloat16"}), 0);
}

TEST(Acting, OfLibTorchsOperatorsAllocates) { EXPECT_GT(allocations_of_a_block({"memory.compute=reference"}), 100); }

}  // namespace
}  // namespace wane
