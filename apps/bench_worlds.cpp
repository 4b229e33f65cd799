// wane bench worlds: steps per second of the worlds alone, resets included, under random actions.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "agents/parallel.h"
#include "apps/commands.h"
#include "apps/config_words.h"
#include "apps/statistics.h"
#include "configs/error.h"
#include "envs/device_batch.h"
#include "envs/player.h"
#include "envs/registry.h"

namespace wane {
namespace {

constexpr int kRounds = 5, kActionSets = 64;
constexpr double kRoundSeconds = 0.3;

struct Speed {
  double per_second, per_cpu_second;  // steps, medians of the rounds
};

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }  // of all threads

/// Sets of random actions, drawn beforehand: drawing them is no step of a world.
std::vector<std::vector<std::int32_t>> action_sets(const Batch& batch) {
  std::vector<std::vector<std::int32_t>> sets;
  for (std::uint64_t set = 0; set < kActionSets; ++set) sets.push_back(random_actions(batch, 1, set));
  return sets;
}

/// `some_steps(n)`: n steps of all environments, resets included, done when it returns.
template <class Steps>
Speed measure(int envs, const Steps& some_steps) {
  const auto play = [&](double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const double cpu = cpu_seconds();
    double steps = 0, passed = 0;
    while (passed < seconds) {
      some_steps(kActionSets);
      steps += double(kActionSets) * envs;
      passed = std::chrono::duration<double>(Clock::now() - begin).count();
    }
    return Speed{steps / passed, steps / std::max(1e-9, cpu_seconds() - cpu)};
  };
  play(kRoundSeconds);  // warm
  std::vector<double> per_second, per_cpu_second;
  for (int round = 0; round < kRounds; ++round) {
    const Speed speed = play(kRoundSeconds);
    per_second.push_back(speed.per_second);
    per_cpu_second.push_back(speed.per_cpu_second);
  }
  return {median(per_second), median(per_cpu_second)};
}

Speed on_cpu(const std::string& id, const std::vector<WorldSetting>& settings, int envs, int threads) {
  Batch batch(find_world(id), settings, envs, 1, use_threads(threads));
  const auto actions = action_sets(batch);
  return measure(envs, [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      batch.step(actions[static_cast<std::size_t>(i)]);
      batch.reset_done();
    }
  });
}

Speed on_gpu(const std::string& id, const std::vector<WorldSetting>& settings, int envs) {
  const WaneWorldV1* world = device_world(find_world(id).id);
  if (!world) throw Error("--device cuda: " + id + " comes from a shared library, and runs on the CPU alone");
  std::vector<DeviceArray<std::int32_t>> actions;
  for (const std::vector<std::int32_t>& set : action_sets(Batch(find_world(id), settings, envs, 1)))
    actions.emplace_back(set);
  DeviceBatch batch(*world, settings, envs, 1);
  return measure(envs, [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      batch.step(actions[static_cast<std::size_t>(i)].data());
      batch.reset_done();
    }
    wait_for_device();
  });
}

}  // namespace

int bench_worlds(const BenchWorldsCommand& command) {
  std::vector<std::string> ids = command.worlds;
  if (ids.empty())
    for (const WaneWorldV1* world : worlds()) ids.push_back(world->id);
  const bool on_device = command.device == "cuda";
  if (on_device && device_count() == 0) throw Error("--device cuda: " + std::string(why_no_device()));
  nlohmann::json rows = nlohmann::json::array();
  if (!command.json) fmt::print("{:<16} {:>7} {:>8} {:>14} {:>14}\n", "world", "envs", "threads", "steps/s", "/CPU-s");
  for (const std::string& id : ids)
    for (const int envs : command.envs)
      for (const int threads : on_device ? std::vector{1} : command.threads) {
        const std::vector<WorldSetting> settings = world_settings(id, command.overrides);
        const Speed speed = on_device ? on_gpu(id, settings, envs) : on_cpu(id, settings, envs, threads);
        rows.push_back(
            {{"world", id}, {"device", command.device}, {"envs", envs}, {"steps_per_second", speed.per_second}});
        if (!on_device)
          rows.back().update({{"threads", threads},
                              {"steps_per_core", speed.per_second / threads},
                              {"steps_per_cpu_second", speed.per_cpu_second}});
        if (!command.json)
          fmt::print("{:<16} {:>7} {:>8} {:>12.1f} M {:>12.1f} M\n", id, envs, threads, speed.per_second / 1e6,
                     speed.per_cpu_second / 1e6);
        std::fflush(stdout);
      }
  if (command.json) fmt::print("{}\n", nlohmann::json{{"rows", rows}}.dump());
  return 0;
}

}  // namespace wane
