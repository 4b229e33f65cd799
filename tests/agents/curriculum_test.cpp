// When the difficulty rises, how far, and that it survives a checkpoint.

#include "agents/curriculum.h"

#include <torch/types.h>

#include "tiny.h"

namespace wane {
namespace {

std::vector<Batch::Episode> episodes(int number, float success) {
  return std::vector<Batch::Episode>(number, Batch::Episode{0, 0, 3, 3, success, 0});
}

CurriculumSettings stairs() { return {.start = 0.1, .factor = 2, .add = 0.05, .episodes = 10, .success = 0.9}; }

TEST(Curriculum, RisesAfterEnoughEpisodesOfEnoughSuccess) {
  Curriculum curriculum(stairs());
  EXPECT_FLOAT_EQ(curriculum.difficulty(), 0.1f);
  EXPECT_FALSE(curriculum.observe(episodes(9, 1)));  // one too few
  EXPECT_FLOAT_EQ(curriculum.difficulty(), 0.1f);
  EXPECT_TRUE(curriculum.observe(episodes(1, 0)));  // 0.9 of ten
  EXPECT_FLOAT_EQ(curriculum.difficulty(), 0.25f);
}

TEST(Curriculum, AFailureTooManyKeepsItUntilItHasPassed) {
  Curriculum curriculum(stairs());
  curriculum.observe(episodes(2, 0));
  EXPECT_FALSE(curriculum.observe(episodes(8, 1)));
  EXPECT_TRUE(curriculum.observe(episodes(1, 1)));  // the first failure is the eleventh episode back
}

TEST(Curriculum, CountsAnewAtEveryDifficulty) {
  Curriculum curriculum(stairs());
  EXPECT_TRUE(curriculum.observe(episodes(100, 1)));  // one rise, however many episodes
  EXPECT_FLOAT_EQ(curriculum.difficulty(), 0.25f);
  EXPECT_FALSE(curriculum.observe({}));
  EXPECT_FALSE(curriculum.observe(episodes(9, 1)));
  EXPECT_TRUE(curriculum.observe(episodes(1, 1)));
  EXPECT_FLOAT_EQ(curriculum.difficulty(), 0.55f);
}

TEST(Curriculum, EndsAtOne) {
  Curriculum curriculum(stairs());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(curriculum.observe(episodes(10, 1)));
  EXPECT_EQ(curriculum.difficulty(), 1);
  EXPECT_TRUE(curriculum.full());
  EXPECT_FALSE(curriculum.observe(episodes(10, 1)));
  EXPECT_TRUE(Curriculum({.start = 1}).full());
}

TEST(Curriculum, SurvivesACheckpointInMidCount) {
  Curriculum curriculum(stairs());
  curriculum.observe(episodes(10, 1));
  curriculum.observe(episodes(4, 1));
  Curriculum loaded(stairs());
  pass_on(curriculum, loaded);
  EXPECT_EQ(loaded.difficulty(), curriculum.difficulty());
  EXPECT_FALSE(loaded.observe(episodes(5, 1)));
  EXPECT_TRUE(loaded.observe(episodes(1, 1)));
}

}  // namespace
}  // namespace wane
