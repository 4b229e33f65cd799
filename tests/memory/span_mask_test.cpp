// The soft mask and the age of death, over many spans and both ramps.

#include <gtest/gtest.h>

#include <cmath>

#include "draws.h"
#include "memory/span_mask.h"

namespace wane {
namespace {

TEST(SpanMask, FollowsTheRamp) {
  const Ramp fixed{.steps = 4};
  EXPECT_EQ(fixed.mask(10.0, 0.0), 1);
  EXPECT_EQ(fixed.mask(10.0, 10.0), 1);
  EXPECT_EQ(fixed.mask(10.0, 11.0), 0.75);
  EXPECT_EQ(fixed.mask(10.0, 13.0), 0.25);
  EXPECT_EQ(fixed.mask(10.0, 14.0), 0);
  EXPECT_EQ(fixed.mask(10.0, 1000.0), 0);
  const Ramp proportional;
  EXPECT_EQ(proportional.length(8.0), 4);
  EXPECT_EQ(proportional.mask(8.0, 11.0), 0.25);
  EXPECT_EQ(proportional.mask(8.0, 12.0), 0);
}

TEST(SpanMask, DeathIsTheFirstWholeAgeWithMaskZero) {
  Draws draws(1);
  for (double steps : {0.0, 1.0, 2.5, 16.0}) {
    const Ramp ramp{.steps = steps};
    for (int i = 0; i < 20'000; ++i) {
      const double span = std::exp(draws.real(-5, 8));
      const std::int32_t death = ramp.death_age(span);
      ASSERT_GE(death, 1);
      ASSERT_EQ(ramp.mask(span, double(death)), 0) << "span " << span << ", ramp " << steps;
      ASSERT_GT(ramp.mask(span, double(death - 1)), 0) << "span " << span << ", ramp " << steps;
    }
  }
}

TEST(SpanMask, DeathOnAWholeNumberOfStepsIsThatNumber) {
  EXPECT_EQ(Ramp{.steps = 4}.death_age(10), 14);
  EXPECT_EQ(Ramp{.steps = 4}.death_age(10.001), 15);
  EXPECT_EQ(Ramp{}.death_age(8), 12);
}

TEST(SpanMask, HugeSpansNeverDie) {
  EXPECT_EQ(Ramp{}.death_age(1e12), kNever);
  EXPECT_EQ(Ramp{}.death_age(INFINITY), kNever);
}

TEST(SpanMask, SlopeIsTheDerivativeOnTheRamp) {
  Draws draws(2);
  for (double steps : {0.0, 3.0}) {
    const Ramp ramp{.steps = steps};
    for (int i = 0; i < 1000; ++i) {
      const double span = draws.real(1, 30), age = span + draws.real(0.01, 0.99) * ramp.length(span), d = 1e-6;
      EXPECT_NEAR(ramp.slope(span, age), (ramp.mask(span + d, age) - ramp.mask(span - d, age)) / (2 * d), 1e-7);
    }
  }
}

}  // namespace
}  // namespace wane
