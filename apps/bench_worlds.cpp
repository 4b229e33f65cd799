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
std::vector<std::vector<std::int32_t>> random_actions(const Batch& batch) {
  std::vector<std::vector<std::int32_t>> sets(kActionSets);
  for (std::size_t set = 0; set < sets.size(); ++set)
    for (int lane = 0; lane < batch.envs(); ++lane)
      sets[set].push_back(random_action(batch, 1, static_cast<std::uint64_t>(lane), set));
  return sets;
}

Speed measure(Batch& batch) {
  const auto actions = random_actions(batch);
  std::size_t next = 0;
  const auto play = [&](double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const double cpu = cpu_seconds();
    double steps = 0, passed = 0;
    while (passed < seconds) {
      for (int i = 0; i < 64; ++i) {
        batch.step(actions[next++ % kActionSets]);
        batch.reset_done();
      }
      steps += 64. * batch.envs();
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

}  // namespace

int bench_worlds(const BenchWorldsCommand& command) {
  std::vector<std::string> ids = command.worlds;
  if (ids.empty())
    for (const WaneWorldV1* world : worlds()) ids.push_back(world->id);
  nlohmann::json rows = nlohmann::json::array();
  if (!command.json) fmt::print("{:<16} {:>7} {:>8} {:>14} {:>14}\n", "world", "envs", "threads", "steps/s", "/CPU-s");
  for (const std::string& id : ids)
    for (const int envs : command.envs)
      for (const int threads : command.threads) {
        Batch batch(find_world(id), world_settings(id, command.overrides), envs, 1, use_threads(threads));
        const Speed speed = measure(batch);
        rows.push_back({{"world", id},
                        {"envs", envs},
                        {"threads", threads},
                        {"steps_per_second", speed.per_second},
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
