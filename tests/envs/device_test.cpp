// Worlds on the GPU: the same episodes as on the CPU, bit for bit. Skipped where there is no GPU; test_emulated_envs
// has one everywhere.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "configs/error.h"
#include "envs/batch.h"
#include "envs/device_batch.h"
#include "play.h"

namespace wane {
namespace {

constexpr int kEnvs = 257;

void expect_alike(const Batch& host, const DeviceBatch& device, const char* id) {
  const DeviceBatch::Host seen = device.fetch();
  const auto same = [](const auto& a, const auto& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0);
  };
  ASSERT_TRUE(same(host.observations(), seen.observations)) << id;
  ASSERT_TRUE(same(host.floats(), seen.floats)) << id;
  ASSERT_TRUE(same(host.rewards(), seen.rewards)) << id;
  ASSERT_TRUE(same(host.terminated(), seen.terminated)) << id;
  ASSERT_TRUE(same(host.truncated(), seen.truncated)) << id;
  for (const Batch::Episode& e : host.finished()) {
    const WaneEpisodeV1& other = seen.episodes[static_cast<std::size_t>(e.lane)];
    ASSERT_EQ(std::tuple(e.seed, e.episode_return, e.success, e.length, e.size),
              std::tuple(other.seed, other.episode_return, other.success, other.length, other.size))
        << id;
  }
}

TEST(Device, EpisodesAreTheCpus) {
  if (device_count() == 0) GTEST_SKIP() << why_no_device();
  for (const WaneWorldV1* world : worlds()) {
    ASSERT_TRUE(device_world(world->id)) << world->id;
    Batch host(*world, {}, kEnvs, 5, serial, 7);
    DeviceBatch device(*device_world(world->id), {}, kEnvs, 5, 7);
    for (const float difficulty : {0.25f, 1.f}) {
      host.set_difficulty(difficulty);
      device.set_difficulty(difficulty);
      host.reset_all();
      device.reset_all();
      expect_alike(host, device, world->id);
      for (std::uint64_t t = 0; t < 300; ++t) {
        const std::vector<std::int32_t> actions = random_actions(host, 3, t);
        host.step(actions);
        device.step(DeviceArray<std::int32_t>(actions).data());
        expect_alike(host, device, world->id);
        if (HasFatalFailure()) return;
        host.reset_done();
        device.reset_done();
      }
      ASSERT_EQ(device.save(), host.save()) << world->id;
    }
  }
}

TEST(Device, SnapshotsAreTheCpusToo) {
  if (device_count() == 0) GTEST_SKIP() << why_no_device();
  for (const WaneWorldV1* world : worlds()) {
    Batch host(*world, {}, kEnvs, 5);
    DeviceBatch device(*device_world(world->id), {}, kEnvs, 6), other(*device_world(world->id), {}, kEnvs, 7);
    for (std::uint64_t t = 0; t < 40; ++t) {
      host.step(random_actions(host, 3, t));
      host.reset_done();
    }
    device.load(host.save());
    const std::vector<std::uint8_t> shown = device.fetch().observations;
    ASSERT_TRUE(std::ranges::equal(shown, host.observations())) << world->id;
    other.load(device.save());
    const std::vector<std::int32_t> actions = random_actions(host, 3, 41);
    host.step(actions);
    other.step(DeviceArray<std::int32_t>(actions).data());
    expect_alike(host, other, world->id);
    if (HasFatalFailure()) return;
    ASSERT_EQ(other.save(), host.save()) << world->id << ": a step on the GPU, from the CPU's state";
  }
}

TEST(Device, SaysWhyThereIsNone) {
  EXPECT_EQ(why_no_device().empty(), device_count() > 0);
  if (device_count() > 0) return;
  if (const WaneWorldV1* world = device_world("corridor")) {
    EXPECT_THROW(DeviceBatch(*world, {}, 4, 1), Error) << "a world's kernels, and nothing to run them";
  }
  EXPECT_THROW(DeviceArray<std::int32_t>(std::vector<std::int32_t>{1, 2}), Error);
}

TEST(Device, OnlyKnownWorlds) { EXPECT_EQ(device_world("nowhere"), nullptr); }

}  // namespace
}  // namespace wane
