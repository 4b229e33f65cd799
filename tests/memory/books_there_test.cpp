// Tables whose books are on the device, as a GPU's are, against those kept on the host. The kernels are emulated, and
// whoever comes first of threads and blocks: the result is the same.

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <sstream>

#include "memory/device_table.h"
#include "memory/slot_edits.h"
#include "simulation.h"
#include "tests/emulated/configs/device_launch.h"

namespace wane {
namespace {

using torch::Tensor;

/// The plans whose slots go by their age alone.
std::vector<Plan> plain_plans() {
  std::vector<Plan> plain;
  for (const Plan& plan : plans())
    if (plan.goes_by_age() && plan.memory.compute == "auto") plain.push_back(plan);
  return plain;
}

class BooksThere : public testing::TestWithParam<Plan> {
 protected:
  ~BooksThere() override { first_comes_last = false; }
};

INSTANTIATE_TEST_SUITE_P(Plans, BooksThere, testing::ValuesIn(plain_plans()),
                         [](const auto& test) { return test.param.name; });

constexpr int kLanes = 5, kBlock = 7;

/// The life of one memory twice: `here` by LibTorch's operators with books on the host, `there` by kernels.
struct Twins {
  struct Twin {
    std::shared_ptr<Memory> memory;
    MemoryState state = memory->begin(kLanes, kBlock);
  };

  explicit Twins(const Plan& plan, torch::ScalarType precision = torch::kFloat64)
      : witnesses(plan.witnesses), precision(precision), width(plan.memory.width),
        rounding(precision == torch::kFloat64 ? 1e-10 : 1e-4),
        here{random_memory(with(plan, "reference"), 3, precision)}, there{random_memory(with(plan, "device"), 3,
                                                                                        precision)} {
    make_ready();
  }

  static Plan with(Plan plan, const char* compute) {
    plan.memory.compute = compute;
    return plan;
  }

  void make_ready() {
    here.state.witnesses = there.state.witnesses = witnesses;
    there.state.books_may_leave = true;
  }

  Tensor draw() { return draws.tensor({kLanes, width}, -2, 2).to(precision); }

  void step() {
    const Tensor x = draw();
    if (here.state.filled == kBlock) inputs.clear();
    inputs.push_back(x);
    EXPECT_LE(difference(there.memory->step(there.state, x), here.memory->step(here.state, x)), rounding);
    expect_same();
  }

  void clear(std::int32_t lane) {
    here.memory->clear(here.state, std::array{lane});
    there.memory->clear(there.state, std::array{lane});
  }

  void refresh() {
    inputs.clear();
    for (Twin* twin : {&here, &there}) {
      Draws same(std::uint64_t(twin->state.now));
      nudge(*twin->memory, same);
      twin->memory->refresh(twin->state);
    }
    expect_same();
    for (std::size_t l = 0; l < there.state.layers.size(); ++l) expect_counts(there.state.layers[l].counts, l);
  }

  /// Who lives in each lane, how long, and whether it stays; and what was counted.
  void expect_same() const {
    ASSERT_EQ(there.state.now, here.state.now);
    ASSERT_EQ(there.state.filled, here.state.filled);
    for (std::size_t l = 0; l < there.state.layers.size(); ++l) {
      ASSERT_TRUE(there.state.layers[l].books.defined());
      const SlotTable& ours = here.state.layers[l];
      const SlotTable theirs = with_books_here(there.state.layers[l], there.state);
      for (std::size_t b = 0; b < kLanes; ++b) {
        const auto &mine = ours.live[b], &other = theirs.live[b];
        ASSERT_EQ(mine.size(), other.size()) << "layer " << l << ", lane " << b << ", step " << here.state.now;
        for (std::size_t i = 0; i < mine.size(); ++i) {
          ASSERT_EQ(ours.birth[mine[i]], theirs.birth[other[i]]);
          ASSERT_EQ(ours.death[mine[i]], theirs.death[other[i]]);
          ASSERT_EQ(ours.fade[mine[i]], theirs.fade[other[i]]);
          ASSERT_EQ(ours.stays[mine[i]], theirs.stays[other[i]]);
          ASSERT_LE(difference(ours.hidden[mine[i]], theirs.hidden[other[i]]), rounding);
        }
        ASSERT_TRUE(here.state.filled == 0 || mine.empty() || ours.seen[b] == theirs.seen[b]);
      }
      expect_counts(theirs.counts, l);
    }
  }

  void expect_counts(const SlotCounts& theirs, std::size_t layer) const {
    const SlotCounts& ours = here.state.layers[layer].counts;
    EXPECT_EQ(ours.queries, theirs.queries);
    EXPECT_EQ(ours.live, theirs.live);
    EXPECT_EQ(ours.most_live, theirs.most_live);
    EXPECT_EQ(ours.fading, theirs.fading);
    EXPECT_EQ(ours.dropped, theirs.dropped);
    EXPECT_EQ(ours.born, theirs.born);
    EXPECT_NEAR(ours.spans, theirs.spans, rounding * (1 + ours.spans));
    EXPECT_NEAR(ours.most_span, theirs.most_span, rounding * (1 + ours.most_span));
  }

  Witnesses witnesses;
  torch::ScalarType precision;
  int width;
  double rounding;
  Twin here, there;
  Draws draws{5};
  std::vector<Tensor> inputs;  // of the steps since the last refresh
};

void live(Twins& twins) {
  Draws chances(7);
  for (int block = 0; block < 4; ++block) {
    for (int t = 0; t < kBlock; ++t) {
      for (int lane = 0; lane < kLanes; ++lane)
        if (chances.chance(0.08)) twins.clear(lane);
      if (block == 2 && t == 4) twins.refresh();  // in the middle
      twins.step();
      if (testing::Test::HasFatalFailure()) return;
    }
    if (block == 1) continue;  // acted on without the weights having changed
    if (chances.chance(0.5)) twins.clear(block % kLanes);
    twins.refresh();
  }
}

TEST_P(BooksThere, KeepWhatBooksOnTheHostKeep) {
  Twins twins(GetParam());
  live(twins);
}

TEST_P(BooksThere, KeepItInSinglePrecisionWhoeverComesFirst) {
  for (const char* storage : {"float32", "bfloat16"}) {
    Plan plan = GetParam();
    plan.memory.storage = storage;
    first_comes_last = storage == std::string("bfloat16");
    Twins twins(plan, torch::kFloat32);
    live(twins);
  }
}

/// A loss of all that an unroll puts out, and its gradients: of x, then of the parameters.
struct Learned {
  Unrolled out;
  std::vector<Tensor> gradients;

  Learned(const Memory& memory, const MemoryState& state, const Tensor& inputs, const UnrollOptions& options) {
    const Tensor x = inputs.clone().requires_grad_();
    out = memory.unroll(state, x, options);
    Tensor loss = (out.features * Draws(1).tensor(out.features.sizes())).sum();
    for (const LayerLosses& layer : out.layers) {
      double weight = 1;
      for (const Tensor& term : {layer.need, layer.charge, layer.reach, layer.born, layer.heads}) {
        weight += 0.5;
        if (term.defined()) loss = loss + weight * term.sum();
      }
    }
    std::vector<Tensor> wanted{x};
    for (const Tensor& parameter : memory.parameters()) wanted.push_back(parameter);
    gradients = torch::autograd::grad({loss}, wanted, {}, std::nullopt, false, true);
  }
};

void expect_learn_the_same(const Twins& twins, const UnrollOptions& options) {
  const Tensor x = torch::stack(twins.inputs, 1);
  const Learned ours(*twins.here.memory, twins.here.state, x, options),
      theirs(*twins.there.memory, twins.there.state, x, options);
  ASSERT_LE(difference(ours.out.features, theirs.out.features), 1e-10);
  for (std::size_t i = 0; i < ours.gradients.size(); ++i) {
    ASSERT_EQ(ours.gradients[i].defined(), theirs.gradients[i].defined()) << i;
    if (!ours.gradients[i].defined()) continue;
    const double size = 1 + ours.gradients[i].abs().max().item<double>();
    ASSERT_LE(difference(ours.gradients[i], theirs.gradients[i]), 1e-10 * size) << "gradient " << i;
  }
}

TEST_P(BooksThere, UnrollAsTheyActed) {
  Twins twins(GetParam());
  for (int block = 0; block < 3; ++block) {
    for (int t = 0; t < kBlock; ++t) {
      if (t == 2 * block) twins.clear(t % kLanes);
      twins.step();
    }
    for (const std::int32_t greatest_age : {kNever, 4})
      expect_learn_the_same(twins, {.learn_spans = true, .greatest_age = greatest_age});
    expect_learn_the_same(twins, {});
    twins.refresh();
  }
}

TEST_P(BooksThere, GoOnWhereNothingWasLeft) {
  Twins twins(GetParam());
  for (int t = 0; t < 3; ++t) twins.step();
  for (int lane = 0; lane < kLanes; ++lane) twins.clear(lane);
  twins.refresh();
  for (int t = 0; t < kBlock; ++t) twins.step();
  for (int lane = 0; lane < kLanes; ++lane) twins.clear(lane);
  twins.refresh();
  twins.clear(1);  // before the first step of a block
  for (int t = 0; t < kBlock; ++t) twins.step();
}

TEST_P(BooksThere, PeekWithoutTrace) {
  Twins twins(GetParam());
  for (int t = 0; t < 12; ++t) {
    const Tensor x = twins.draw();
    const auto peek = [&](Twins::Twin& twin) { return twin.memory->peek(twin.state, x, std::array{4, 1, 2}); };
    ASSERT_LE(difference(peek(twins.here).narrow(0, 0, 3), peek(twins.there).narrow(0, 0, 3)), 1e-10);
    if (t == kBlock) twins.refresh();  // the last peek was at a full block
    twins.step();
  }
}

void expect_shown_the_same(const Twins& twins) {
  for (int lane = 0; lane < kLanes; ++lane) {
    const auto ours = twins.here.memory->inspect(twins.here.state, lane),
               theirs = twins.there.memory->inspect(twins.there.state, lane);
    for (std::size_t l = 0; l < ours.size(); ++l) {
      ASSERT_EQ(ours[l].size(), theirs[l].size());
      for (std::size_t i = 0; i < ours[l].size(); ++i) {
        ASSERT_EQ(ours[l][i].birth, theirs[l][i].birth);
        ASSERT_EQ(ours[l][i].remaining, theirs[l][i].remaining);
        ASSERT_NEAR(ours[l][i].mask, theirs[l][i].mask, 1e-9);
        for (std::size_t h = 0; h < ours[l][i].attention.size(); ++h)
          ASSERT_NEAR(ours[l][i].attention[h], theirs[l][i].attention[h], 1e-6);
      }
    }
  }
}

TEST_P(BooksThere, AreShownAndSavedAsTheHosts) {
  Twins twins(GetParam());
  for (int t = 0; t < 6; ++t) twins.step();
  twins.clear(2);
  twins.step();
  expect_shown_the_same(twins);
  twins.refresh();
  for (Twins::Twin* twin : {&twins.here, &twins.there}) {
    torch::serialize::OutputArchive out;
    twin->memory->save(twin->state, out);
    std::stringstream bytes;
    out.save_to(bytes);
    torch::serialize::InputArchive in;
    in.load_from(bytes);
    twin->state = twin->memory->load(in, kLanes, kBlock);
  }
  twins.make_ready();
  twins.clear(1);  // before anything acted
  for (int t = 0; t < kBlock; ++t) twins.step();
  expect_learn_the_same(twins, {.learn_spans = true});
  expect_shown_the_same(twins);
}

TEST_P(BooksThere, AreCopiedWhole) {
  Twins twins(GetParam());
  for (int t = 0; t < 5; ++t) twins.step();
  MemoryState copy = copy_of(twins.there.state);
  for (int t = 0; t < 3; ++t) twins.there.memory->step(copy, twins.draw());
  twins.there.memory->clear(copy, std::array{0, 1, 2, 3, 4});
  twins.expect_same();
}

TEST(Books, StayOnTheHostWhereSlotsAreEvictedOrPooled) {
  for (const char* name : {"oldest", "sinks", "compressive", "heavy_hitter"}) {
    const auto memory = random_memory(Twins::with(plan_named(name), "device"), 1);
    MemoryState state = memory->begin(3, 4);
    state.books_may_leave = true;
    memory->step(state, torch::zeros({3, 12}, torch::kFloat64));
    EXPECT_FALSE(state.layers.front().books.defined()) << name;
    memory->swap(state, 0, 1);  // which those that left would refuse
  }
}

}  // namespace
}  // namespace wane
