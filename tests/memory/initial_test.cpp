// What weights are before anything is learned.

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "simulation.h"

namespace wane {
namespace {

using torch::Tensor;

constexpr int kWidth = 48;

/// The layer's weights as they are drawn, whatever the correlation from the same stream.
std::shared_ptr<Memory> drawn(double mimetic) {
  Plan plan = plan_named("log_proportional");
  plan.memory.width = kWidth;
  plan.memory.heads = 2;
  plan.memory.mimetic = mimetic;
  Draws draws{7};
  return make_memory(plan.settings(), [&] { return draws.real(); });
}

double correlation(const Tensor& a, const Tensor& b) {
  return ((a * b).mean() / (a.square().mean() * b.square().mean()).sqrt()).item<double>();
}

TEST(Mimetic, QueriesStartCorrelatedWithKeysAndNothingElseChanges) {
  const auto independent = drawn(0);
  for (const double wanted : {0.0, 0.6, 1.0}) {
    const auto memory = drawn(wanted);
    for (const auto& parameter : memory->named_parameters()) {
      const Tensor& before = independent->named_parameters()[parameter.key()];
      if (!parameter.key().ends_with("project")) {
        EXPECT_TRUE(parameter.value().equal(before)) << parameter.key();
        continue;
      }
      const auto part = [](const Tensor& all, int which) { return all.narrow(0, which * kWidth, kWidth); };
      const Tensor query = part(parameter.value(), 0), key = part(parameter.value(), 1);
      EXPECT_TRUE(key.equal(part(before, 1)));
      EXPECT_TRUE(part(parameter.value(), 2).equal(part(before, 2)));
      EXPECT_NEAR(correlation(query, key), wanted, 0.08);  // 48 x 48 numbers: 0.02 is their standard error
      EXPECT_NEAR((query.square().mean() / part(before, 0).square().mean()).item<double>(), 1, 0.1);
    }
  }
}

/// Among slots that hold what is seen now and others that do not, the first are looked at most, before any learning.
TEST(Mimetic, WhatIsAlikeIsLookedAtFirst) {
  for (const bool alike : {false, true}) {
    const auto memory = drawn(alike ? 1 : 0);
    const Tensor project = memory->named_parameters()["layer0.project"].detach();
    Draws draws{8};
    const Tensor seen = torch::layer_norm(draws.tensor({64, kWidth}, -1, 1).to(torch::kFloat32), {kWidth});
    const Tensor query = torch::matmul(seen, project.narrow(0, 0, kWidth).t()),
                 key = torch::matmul(seen, project.narrow(0, kWidth, kWidth).t());
    const Tensor logits = torch::matmul(query, key.t());
    const double found = logits.argmax(1).eq(torch::arange(64)).to(torch::kFloat32).mean().item<double>();
    if (alike) {
      EXPECT_EQ(found, 1);
    } else {
      EXPECT_LT(found, 0.2);
    }
  }
}

}  // namespace
}  // namespace wane
