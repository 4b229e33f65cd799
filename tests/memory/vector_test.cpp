// Functions of the vector layer: the same bits wherever numbers stand.

#include "memory/vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace wane {
namespace {

template <class Real>
class Vectors : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Vectors, Reals);

TYPED_TEST(Vectors, FunctionsAndSumsDoNotDependOnTheAddress) {
  using Real = TypeParam;
  for (int n = 1; n < 70; ++n) {
    std::vector<Real> first_log, first_exp;
    Real first_sum = 0;
    for (int offset = 0; offset < kLanes<Real>; ++offset) {
      alignas(64) Real room[96];
      Real* const x = room + offset;
      const auto fill = [&] {
        for (int i = 0; i < n; ++i) x[i] = Real(n - i) / 4;
      };
      fill();
      const Real sum = sum_of(x, n);
      log_of(x, n);
      const std::vector<Real> log(x, x + n);
      fill();
      exp_of(x, n, Real(n) / 4);
      const std::vector<Real> exp(x, x + n);
      for (int i = 0; i < n; ++i) {
        EXPECT_NEAR(log[i], std::log(Real(n - i) / 4), 1e-6) << i;
        EXPECT_NEAR(exp[i], std::exp(-Real(i) / 4), 1e-6) << i;
      }
      if (offset == 0) first_log = log, first_exp = exp, first_sum = sum;
      EXPECT_EQ(log, first_log) << n << " numbers from place " << offset;
      EXPECT_EQ(exp, first_exp) << n << " numbers from place " << offset;
      EXPECT_EQ(sum, first_sum) << n << " numbers from place " << offset;
    }
  }
}

}  // namespace
}  // namespace wane
