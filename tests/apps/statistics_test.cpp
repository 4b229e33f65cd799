// What reports say of seeds, against numbers worked out by hand or by others.

#include "apps/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace wane {
namespace {

TEST(Statistics, InterquartileMeanLeavesOutTheQuarters) {
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{1, 2, 3, 100}), 2.5);
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{7}), 7);
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{1, 2, 6}), 3);  // floor(3/4) = 0 are left out
  EXPECT_DOUBLE_EQ(interquartile_mean(std::vector<double>{9, 0, 1, 2, 3, 4, 5, 6, 7, 50}), 4.5);  // 2 on each side
  EXPECT_TRUE(std::isnan(interquartile_mean({})));
}

TEST(Statistics, MedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(median({5, 1, 3}), 3);
  EXPECT_EQ(median({5, 1, 3, 4}), 3.5);
  EXPECT_EQ(median({}), 0);
}

TEST(Statistics, BootstrapHoldsTheEstimateAndNarrowsWithMoreSeeds) {
  std::vector<double> few{0.2, 0.5, 0.6, 0.9}, many;
  for (int i = 0; i < 25; ++i) many.insert(many.end(), few.begin(), few.end());
  const Interval wide = bootstrap_iqm(few), narrow = bootstrap_iqm(many);
  EXPECT_DOUBLE_EQ(wide.estimate, 0.55);
  EXPECT_LT(wide.low, 0.55);
  EXPECT_GT(wide.high, 0.55);
  EXPECT_LT(narrow.high - narrow.low, (wide.high - wide.low) / 2);
  EXPECT_EQ(bootstrap_iqm(few).low, wide.low) << "the same resamples every time";
  const Interval same = bootstrap_iqm(std::vector<double>(10, 0.7));
  EXPECT_DOUBLE_EQ(same.low, 0.7);
  EXPECT_DOUBLE_EQ(same.high, 0.7);
}

TEST(Statistics, DifferenceResamplesBothSides) {
  const std::vector<double> good(10, 0.9), bad(10, 0.4), wide{0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
  const Interval sure = bootstrap_difference(good, bad);
  EXPECT_DOUBLE_EQ(sure.estimate, 0.5);
  EXPECT_DOUBLE_EQ(sure.low, 0.5);
  EXPECT_DOUBLE_EQ(sure.high, 0.5);
  const Interval one = bootstrap_difference(wide, bad), own = bootstrap_iqm(wide);
  EXPECT_DOUBLE_EQ(one.low, own.low - 0.4) << "others that are all alike add nothing";
  EXPECT_DOUBLE_EQ(one.high, own.high - 0.4);
  const Interval self = bootstrap_difference(wide, wide);
  EXPECT_DOUBLE_EQ(self.estimate, 0);
  EXPECT_LT(self.low, -0.05) << "the two sides are drawn independently";
  EXPECT_GT(self.high, 0.05);
  EXPECT_EQ(bootstrap_difference({bad.data(), 1}, wide).low, bootstrap_difference({bad.data(), 1}, wide).high);
}

/// Figures from the formula, worked out apart from the program (Wilson 1927).
TEST(Statistics, Wilson) {
  const Interval half = wilson(0.5, 100);
  EXPECT_NEAR(half.low, 0.40383, 1e-5);
  EXPECT_NEAR(half.high, 0.59617, 1e-5);
  const Interval all = wilson(1, 1000);
  EXPECT_NEAR(all.low, 0.99617, 1e-5);
  EXPECT_DOUBLE_EQ(all.high, 1);
}

}  // namespace
}  // namespace wane
