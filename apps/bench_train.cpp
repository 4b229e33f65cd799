#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "agents/checkpoint.h"
#include "agents/training.h"
#include "apps/bench.h"
#include "apps/commands.h"
#include "apps/config_words.h"
#include "apps/run_folder.h"
#include "configs/reader.h"
#include "memory/pool.h"
#include "memory/timed.h"

namespace wane {
namespace {

constexpr double kSeconds = 5, kSplitSeconds = 2;
constexpr int kWarmUp = 20;  // updates

/// A run from scratch (CONFIG), or from a run's last checkpoint: live slots differ twentyfold between the two.
std::unique_ptr<Training> make_training(const ConfigWords& words) {
  if (!std::filesystem::is_directory(words.path))
    return std::make_unique<Training>(read_settings(words.path, words.overrides));
  const RunFolder folder = RunFolder::open(words.path);
  const Settings settings = read_settings(folder.config(), words.overrides);
  auto checkpoint = read_checkpoint(folder.checkpoint("latest"), find_device(settings.train.device));
  return std::make_unique<Training>(settings, checkpoint, Changes::any);
}

struct Passed {
  double frames, seconds;
};

/// Trains for `frames` (0: for `seconds`).
Passed train(Training& training, std::int64_t frames, double seconds) {
  const std::int64_t first = training.frames;
  const auto begin = std::chrono::steady_clock::now();
  double passed = 0;
  while (frames ? training.frames - first < frames : passed < seconds) {
    training.collect();
    training.update();
    passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return {static_cast<double>(training.frames - first), passed};
}

/// Microseconds per frame, by work; attention within the others is their part, summed over threads and divided by their
/// number.
nlohmann::json split(Training& training) {
  measure_work(true);
  const Passed passed = train(training, 0, kSplitSeconds);
  nlohmann::json us;
  double known = 0;
  const auto put = [&](const char* name, Work work) {
    us[name] = 1e6 * seconds_of(work) / passed.frames;
    known += us[name].get<double>();
  };
  put("worlds", Work::worlds);
  put("acting", Work::acting);
  put("projecting", Work::projecting);
  put("learning_forward", Work::learning);
  put("backward", Work::backward);
  put("optimiser", Work::optimiser);
  us["other"] = 1e6 * passed.seconds / passed.frames - known;
  us["attention_within"] = 1e6 * seconds_of(Work::attention) / passed.frames / pool_threads;
  measure_work(false);
  return us;
}

/// Multiplications and additions per frame: acting once, learning three times (forward, and backward twice), keys and
/// values of the past twice more. Norms, softmax and the optimiser are not counted.
double flops_per_frame(const Training& training, const std::vector<double>& live_slots) {
  const MemorySettings& memory = training.settings.memory;
  const double D = memory.width, F = memory.feed_forward * D, T = training.settings.train.steps,
               heads = training.agent->senses().actions + 1;
  double sum = 4 * 2 * D * heads;
  if (training.settings.network.body == "mlp") return sum + 4 * 2 * D * D * memory.layers;
  for (const double live : live_slots) {
    sum += 4 * 2 * (4 * D * D + 2 * D * F);
    const double past = std::max(0.0, live - T / 2), seen = past + T;  // of one environment, in the unroll
    sum += past / T * (2 * 2 * D * D) * 4 + 2 * 2 * D * live + 7 * 2 * D * seen;
  }
  return sum;
}

}  // namespace

double sgemm_gflops() {
  torch::NoGradGuard no_gradients;
  constexpr int n = 768;
  const torch::Tensor a = torch::ones({n, n}), b = torch::ones({n, n});
  torch::Tensor c = torch::empty({n, n});
  double best = 1e9;
  for (int i = 0; i < 10; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    torch::mm_out(c, a, b);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return 2e-9 * n * n * n / best;
}

int bench_train(const BenchCommand& command) {
  const ConfigWords words =
      config_words(command.words.empty() ? std::vector<std::string>{"configs/corridor.yaml"} : command.words);
  const auto training = make_training(words);
  for (int i = 0; i < kWarmUp; ++i) {
    training->collect();
    training->update();
  }
  for (auto& table : training->memory.layers) table.counts = {};
  const Passed passed = train(*training, command.frames, kSeconds);
  std::vector<double> live_slots;
  std::int64_t bytes = 0;
  for (const auto& table : training->memory.layers) {
    live_slots.push_back(table.counts.live / table.counts.queries);
    bytes += table.bytes();
  }
  const double rate = passed.frames / passed.seconds, gflops = 1e-9 * rate * flops_per_frame(*training, live_slots);
  nlohmann::json result{{"frames_per_second", rate},
                        {"frames", passed.frames},
                        {"seconds", passed.seconds},
                        {"live_slots", live_slots},
                        {"memory_bytes", bytes},
                        {"gflops", gflops},
                        {"sgemm_gflops", sgemm_gflops()},
                        {"microseconds_per_frame", split(*training)},
                        {"machine", Training::fingerprint(training->settings)}};
  if (command.json) {
    fmt::print("{}\n", result.dump());
  } else {
    fmt::print("{:.0f} frames/s ({:.0f} frames in {:.1f} s; {})\n", rate, passed.frames, passed.seconds,
               Training::fingerprint(training->settings));
    for (std::size_t n = 0; n < live_slots.size(); ++n)
      fmt::print("layer {}: {:.1f} live slots per environment\n", n, live_slots[n]);
    fmt::print("memory: {:.1f} kB per environment; {:.0f} GFLOP/s, LibTorch's sgemm {:.0f}\n",
               1e-3 * double(bytes) / training->settings.train.envs, gflops, result["sgemm_gflops"].get<double>());
    fmt::print("microseconds per frame, clocks on:");
    for (const char* work : {"worlds", "acting", "projecting", "learning_forward", "backward", "optimiser", "other"})
      fmt::print("  {} {:.2f}", work, result["microseconds_per_frame"][work].get<double>());
    fmt::print("\nof which attention {:.2f}\n", result["microseconds_per_frame"]["attention_within"].get<double>());
  }
  if (!command.against.empty()) print_against(result, command.against);
  return 0;
}

}  // namespace wane
