// A run saved in the middle and loaded again equals the run that went on, to the last bit.

#include <torch/types.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "agents/checkpoint.h"
#include "configs/reader.h"
#include "tiny.h"

namespace wane {
namespace {

struct Case {
  const char* name;
  std::vector<std::string> overrides;
  bool drops;  // slots must have died, or it shows nothing
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

/// The gate is forced open, so that spans learn from the first update on, and short spans let slots die.
const std::vector<std::string> kOpen = {"expire_span.open_at=0", "expire_span.first_span=6", "world.length=[2, 12]"};

std::vector<std::string> open_with(const std::vector<std::string>& more) {
  std::vector<std::string> all = kOpen;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

const Case kCases[] = {
    {"usage", open_with({}), true},
    {"gate_opens_in_the_run",
     {"expire_span.open_at=0.1", "expire_span.first_span=6", "world.length=[2, 4]", "optimiser.fall_from=gate",
      "optimiser.fall_frames=4000"},
     true},
    {"gradient_sigmoid",
     open_with(
         {"expire_span.learn=gradient", "expire_span.form=sigmoid", "expire_span.ramp=4", "expire_span.alpha=0.01"}),
     true},
    {"two_layers_span_dropout",
     open_with({"memory.layers=2", "expire_span.span_dropout=true", "memory.age_slope=true"}), true},
    {"keep_at_top", open_with({"memory.max_span=12", "expire_span.keep_at_top=true", "expire_span.first_span=10.8"}),
     true},
    {"witnesses", open_with({"expire_span.witnesses=0.4", "world.length=[2, 7]"}), true},
    {"rmsprop", open_with({"optimiser.kind=rmsprop", "optimiser.fall_from=gate", "optimiser.fall_frames=4000"}), true},
    {"transformer_xl", {"memory.kind=transformer_xl", "memory.max_span=6", "world.length=[2, 12]"}, true},
    {"bfloat16", open_with({"memory.storage=bfloat16"}), true},
    {"none", {"memory.kind=none"}, false},
    {"gru", {"memory.kind=gru", "memory.layers=2"}, false},
    {"lstm", {"memory.kind=lstm"}, false},
    {"mlp", {"memory.kind=none", "network.body=mlp"}, false},
    {"curriculum",
     {"world.length=[2, 40]", "curriculum.start=0.1", "curriculum.episodes=20", "curriculum.success=0.3"},
     false},
    {"slips", {"curriculum.slip=0.96", "curriculum.start=0.5", "curriculum.episodes=100000"}, false},
    {"portal",
     {"world.name=portal", "world.rooms=4", "network.previous=action_reward", "expire_span.open_at=0"},
     false},
};

Settings settings_of(const Case& one) {
  Settings settings = tiny(one.overrides);
  if (settings.world.name == "portal") {
    std::erase_if(settings.world.values, [](const WorldSetting& value) { return value.key == "length"; });
  }
  return settings;
}

void expect_same(const UpdateReport& a, const UpdateReport& b) {
  EXPECT_EQ(a.policy_loss, b.policy_loss);
  EXPECT_EQ(a.value_loss, b.value_loss);
  EXPECT_EQ(a.entropy, b.entropy);
  EXPECT_EQ(a.explained_variance, b.explained_variance);
  EXPECT_EQ(a.span_loss, b.span_loss);
  EXPECT_EQ(a.gradient_norm, b.gradient_norm);
  EXPECT_EQ(a.span_gradient_norm, b.span_gradient_norm);
}

void expect_same_tables(const MemoryState& a, const MemoryState& b) {
  EXPECT_EQ(a.now, b.now);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    const SlotTable &x = a.layers[l], &y = b.layers[l];
    ASSERT_EQ(x.offset, y.offset);
    const std::int64_t past = x.past();
    EXPECT_EQ(x.live, y.live);
    for (std::int64_t row = 0; row < past; ++row) {
      EXPECT_EQ(x.birth[row], y.birth[row]);
      EXPECT_EQ(x.death[row], y.death[row]);
      EXPECT_EQ(x.fade[row], y.fade[row]);
      EXPECT_EQ(x.stays[row], y.stays[row]);
    }
    for (const auto field : {&SlotTable::hidden, &SlotTable::key, &SlotTable::value, &SlotTable::span}) {
      if (!(x.*field).defined()) continue;
      EXPECT_TRUE(same((x.*field).narrow(0, 0, past), (y.*field).narrow(0, 0, past)));
    }
    EXPECT_EQ(std::memcmp(&x.counts, &y.counts, sizeof x.counts), 0);
  }
}

const Case& case_named(std::string_view name) {
  const auto* one = std::find_if(std::begin(kCases), std::end(kCases), [&](const Case& c) { return c.name == name; });
  if (one == std::end(kCases)) throw std::invalid_argument("no such case");
  return *one;
}

class Resume : public testing::TestWithParam<Case> {};

TEST_P(Resume, IsTheRunThatWasNotInterrupted) {
  constexpr int kHalf = 23;
  const Settings settings = settings_of(GetParam());
  Folder folder;
  Training whole(settings);
  double dropped = 0;
  for (int i = 0; i < kHalf; ++i) {
    whole.collect();
    whole.update();
  }
  whole.best = 42.5;
  if (settings.curriculum.slip > 0) {
    EXPECT_GT(std::ranges::count(whole.rollout.slipped, 1), 0) << "nothing to save";
  }
  whole.save(folder / "half");
  auto checkpoint = read_checkpoint(folder / "half", torch::kCPU);
  Training resumed(settings, checkpoint, Changes::of_resume);
  EXPECT_EQ(resumed.differs, "");
  resumed.save(folder / "again");
  EXPECT_EQ(bytes_of(folder / "again"), bytes_of(folder / "half"));
  expect_same_tables(whole.memory, resumed.memory);

  for (int i = 0; i < kHalf; ++i) {
    SCOPED_TRACE(testing::Message() << "update " << i << " after resuming");
    whole.collect();
    resumed.collect();
    EXPECT_EQ(whole.rollout.actions, resumed.rollout.actions);
    EXPECT_EQ(whole.rollout.values, resumed.rollout.values);
    EXPECT_EQ(whole.rollout.next_values, resumed.rollout.next_values);
    EXPECT_EQ(whole.rollout.slipped, resumed.rollout.slipped);
    const UpdateReport a = whole.update(), b = resumed.update();
    expect_same(a, b);
    if (testing::Test::HasFailure()) return;  // what follows would only repeat it
  }
  const auto a = weights(*whole.agent), b = weights(*resumed.agent);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same(a[i].second, b[i].second)) << a[i].first;
  expect_same_tables(whole.memory, resumed.memory);
  EXPECT_EQ(whole.frames, resumed.frames);
  EXPECT_EQ(whole.falls_since, resumed.falls_since);
  EXPECT_EQ(whole.episodes, resumed.episodes);
  EXPECT_EQ(whole.curriculum.difficulty(), resumed.curriculum.difficulty());
  EXPECT_EQ(whole.forgetting.success(), resumed.forgetting.success());

  whole.save(folder / "whole");  // optimiser, worlds, windows and sums are in there, too
  resumed.save(folder / "resumed");
  EXPECT_EQ(bytes_of(folder / "whole"), bytes_of(folder / "resumed"));
  for (const auto& table : whole.memory.layers) dropped += table.counts.dropped;
  EXPECT_GT(dropped, GetParam().drops ? 100 : -1);
  EXPECT_GT(whole.episodes, 50);
}

INSTANTIATE_TEST_SUITE_P(Runs, Resume, testing::ValuesIn(kCases), [](const auto& info) { return info.param.name; });

TEST(ResumeCases, CoverAGateThatOpensAndACurriculumThatRisesAfterTheCheckpoint) {
  Training opens(settings_of(case_named("gate_opens_in_the_run"))), rises(settings_of(case_named("curriculum")));
  std::int64_t half = 0;
  const float start = rises.curriculum.difficulty();
  float middle = 0;
  for (int i = 0; i < 46; ++i) {
    if (i == 23) half = opens.frames, middle = rises.curriculum.difficulty();
    for (Training* run : {&opens, &rises}) {
      run->collect();
      run->update();
    }
  }
  EXPECT_GT(opens.falls_since, half);
  EXPECT_GT(rises.curriculum.difficulty(), start);
  EXPECT_GT(middle, 0);
}

TEST(ResumeRefuses, OtherSettingsAndNamesTheKey) {
  Folder folder;
  Training run(tiny());
  run.save(folder / "latest");
  const auto resume = [&](const std::string& override) {
    return error_of([&] {
      auto checkpoint = read_checkpoint(folder / "latest", torch::kCPU);
      Training(tiny({override}), checkpoint, Changes::of_resume);
    });
  };
  for (const char* key :
       {"a2c.gamma=0.5", "train.envs=9", "train.seed=2", "world.length=[2, 5]", "memory.width=32", "eval.every=5"}) {
    EXPECT_TRUE(resume(key).starts_with(std::string(key).substr(0, std::string(key).find('=')) + ":"))
        << key << " -> " << resume(key);
  }
  for (const char* key : {"train.frames=77", "log.every=5", "log.checkpoint_every=5", "log.keep_every=5"})
    EXPECT_EQ(resume(key), "");
}

TEST(ResumeElsewhere, ContinuesAndSaysThatItIsNotBitEqual) {
  Folder folder;
  Training run(tiny({"memory.compute=reference"}));
  run.save(folder / "latest");
  auto checkpoint = read_checkpoint(folder / "latest", torch::kCPU);
  const Training resumed(tiny({"memory.compute=reference", "train.threads=2"}), checkpoint, Changes::any);
  EXPECT_NE(resumed.differs.find("1 threads"), std::string::npos) << resumed.differs;
  EXPECT_NE(resumed.differs.find("2 threads"), std::string::npos) << resumed.differs;
}

TEST(Save, LeavesTheRunAlone) {
  Folder folder;
  Training saved(tiny(open_with({}))), not_saved(tiny(open_with({})));
  for (int i = 0; i < 6; ++i) {
    for (Training* run : {&saved, &not_saved}) {
      run->collect();
      run->update();
    }
    saved.save(folder / "latest");
  }
  not_saved.save(folder / "other");
  EXPECT_EQ(bytes_of(folder / "latest"), bytes_of(folder / "other"));
}

TEST(Seeds, MakeDifferentRuns) {
  Training one(tiny()), again(tiny()), other(tiny({"train.seed=2"}));
  for (Training* run : {&one, &again, &other}) run->collect();
  EXPECT_EQ(one.rollout.actions, again.rollout.actions);
  EXPECT_NE(one.rollout.actions, other.rollout.actions);
}

}  // namespace
}  // namespace wane
