#include <gtest/gtest.h>

#include <array>

#include "configs/nearest.h"

namespace wane {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"gamma", "clip", "entropy", "entropy_end"};

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("clip", "cilp"), 1u) << "neighbours swapped are one slip of the finger";
}

TEST(Nearest, FindsTheWordMeant) {
  EXPECT_EQ(nearest("gama", kWords), "gamma");
  EXPECT_EQ(nearest("cilp", kWords), "clip");
  EXPECT_EQ(nearest("entropy", kWords), "entropy");
  EXPECT_EQ(nearest("entropy_ned", kWords), "entropy_end");
}

TEST(Nearest, StaysSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest("velocity", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("gamma", {}), "");
}

TEST(Nearest, ShortWordsMayDifferInOneLetter) {
  constexpr std::array<std::string_view, 1> cpu = {"cpu"};
  EXPECT_EQ(nearest("cpi", cpu), "cpu");
  EXPECT_EQ(nearest("abc", cpu), "");
}

}  // namespace
}  // namespace wane
