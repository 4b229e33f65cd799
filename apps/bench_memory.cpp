#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "agents/parallel.h"
#include "agents/training.h"
#include "apps/bench.h"
#include "apps/commands.h"
#include "apps/config_words.h"
#include "configs/reader.h"
#include "envs/rng.h"
#include "memory/memory.h"
#include "memory/pool.h"

namespace wane {
namespace {

constexpr double kSeconds = 0.4;    // per figure, after warming up
constexpr double kMostBytes = 8e9;  // of one state, copies of learning included

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The median duration of body() in seconds, until the device has done it.
template <class Body>
double median_seconds(const torch::Device& device, const Body& enqueue) {
  const auto body = [&] {
    enqueue();
    if (device.is_cuda()) torch::cuda::synchronize();
  };
  body();
  std::vector<double> durations;
  const double begin = now();
  while (durations.size() < 5 || (now() - begin < kSeconds && durations.size() < 10'000)) {
    const double from = now();
    body();
    durations.push_back(now() - from);
  }
  std::nth_element(durations.begin(), durations.begin() + std::ptrdiff_t(durations.size() / 2), durations.end());
  return durations[durations.size() / 2];
}

/// Bytes per second at which this device reads memory that no cache holds; a CPU by the threads of now.
double read_bandwidth(const torch::Device& device) {
  const torch::Tensor far = torch::ones({64 << 20}, device);  // 256 MB
  at::set_num_threads(pool_threads);
  const double seconds = median_seconds(device, [&] { far.sum(); });
  at::set_num_threads(1);
  return double(far.nbytes()) / seconds;
}

/// A state whose every environment holds `slots` slots of random content, as if it had acted that long.
MemoryState filled(const Memory& memory, const Settings& settings, int slots) {
  const int B = settings.train.envs;
  MemoryState state = memory.begin(B, settings.train.steps);
  state.now = slots;
  state.books_may_leave = true;
  for (SlotTable& table : state.layers) {
    for (int b = 0; b <= B; ++b) table.offset[std::size_t(b)] = b * slots;
    lay_out(table, state, settings.memory.width, table.hidden.options(), table.span.defined());
    torch::Tensor hidden = torch::empty(table.hidden.sizes());
    for (std::int64_t i = 0; i < hidden.numel(); ++i)
      hidden.data_ptr<float>()[i] = float(2 * uniform01(Purpose::test, 1, 0, std::uint64_t(i)) - 1);
    table.hidden.copy_(hidden);
    for (int row = 0; row < table.past(); ++row) {
      table.birth[std::size_t(row)] = row % slots;
      table.death[std::size_t(row)] = kNever;
    }
    for (int b = 0; b < B; ++b) {
      auto& live = table.live[std::size_t(b)];
      live.resize(std::size_t(slots));
      std::iota(live.begin(), live.end(), b * slots);
    }
  }
  memory.refresh(state);
  return state;
}

struct Figures {
  double step, unroll, bytes;  // seconds, seconds (0: not asked for), per slot
};

Figures measure(const Settings& settings, int slots, bool unrolls) {
  std::uint64_t drawn = 0;
  const auto memory = make_memory(settings, [&] { return uniform01(Purpose::weights, 1, 0, drawn++); });
  const torch::Device device = find_device(settings.train.device);
  memory->to(device);
  MemoryState state = filled(*memory, settings, slots);
  const std::int64_t B = settings.train.envs, D = settings.memory.width, T = settings.train.steps;
  double bytes = 0;
  for (const SlotTable& table : state.layers) bytes += double(table.bytes());
  const torch::Tensor x = torch::rand({B, D}, device);
  torch::Tensor features = torch::empty_like(x);
  const double step = median_seconds(device, [&] { memory->peek(state, x, state.all, features); });
  const double live = double(B) * slots * double(state.layers.size());
  if (!unrolls) return {step, 0, live ? bytes / live : 0};
  for (std::int64_t t = 0; t < T; ++t) memory->step(state, x, features);
  const torch::Tensor block = torch::rand({B, T, D}, device).requires_grad_();
  const double unroll = median_seconds(device, [&] { memory->unroll(state, block, {}).features.sum().backward(); });
  return {step, unroll, live ? bytes / live : 0};
}

/// Every combination of the lists, one after another in `settings`; an empty list leaves the config's value.
template <class Body>
void over_sizes(Settings& settings, const BenchMemoryCommand& command, const Body& body) {
  const auto each = [](const std::vector<int>& values, int& at, const auto& inner) {
    for (const int value : values.empty() ? std::vector<int>{at} : values) {
      at = value;
      inner();
    }
  };
  each(command.envs, settings.train.envs, [&] {
    each(command.steps, settings.train.steps, [&] {
      each(command.heads, settings.memory.heads, [&] { each(command.width, settings.memory.width, body); });
    });
  });
}

}  // namespace

int bench_memory(const BenchMemoryCommand& command) {
  const ConfigWords words =
      config_words(command.words.empty() ? std::vector<std::string>{"configs/corridor.yaml"} : command.words);
  Settings settings = read_settings(words.path, words.overrides);
  use_threads(settings.train.threads);
  const double bandwidth = read_bandwidth(find_device(settings.train.device)),
               word = settings.memory.storage == "bfloat16" ? 2 : sizeof(float);
  nlohmann::json rows = nlohmann::json::array();
  if (!command.json)
    fmt::print("{:<15} {:>5} {:>4} {:>3} {:>5} {:>8} {:>12} {:>12} {:>11} {:>13}\n", "memory", "B", "T", "H", "D",
               "slots", "step, us", "unroll, ms", "bytes/slot", "of bandwidth");
  for (const std::string& kind : command.kinds) {
    settings.memory.kind = kind;
    over_sizes(settings, command, [&] {
      for (const int slots : command.slots) {
        settings.memory.max_span = std::max(1 << 20, 4 * slots);  // none of them dies here
        settings.expire_span.first_span = settings.memory.max_span / 2;
        const int B = settings.train.envs, T = settings.train.steps, H = settings.memory.heads,
                  D = settings.memory.width;
        const double numbers = double(B) * slots * D * settings.memory.layers;
        if (3 * numbers * sizeof(float) * (command.unroll ? 4 : 1) > kMostBytes) {
          fmt::print(stderr, "{} with {} environments x {} slots x {}: more than {:.0f} GB, left out\n", kind, B, slots,
                     D, 1e-9 * kMostBytes);
          continue;
        }
        const Figures figures = measure(settings, slots, command.unroll);
        const double share = 2 * numbers * word / figures.step / bandwidth;
        rows.push_back({{"memory", kind},
                        {"envs", B},
                        {"steps", T},
                        {"heads", H},
                        {"width", D},
                        {"slots", slots},
                        {"step_seconds", figures.step},
                        {"unroll_seconds", figures.unroll},
                        {"bytes_per_slot", figures.bytes},
                        {"share_of_bandwidth", share}});
        if (!command.json)
          fmt::print("{:<15} {:>5} {:>4} {:>3} {:>5} {:>8} {:>12.1f} {:>12.2f} {:>11.0f} {:>13.2f}\n", kind, B, T, H, D,
                     slots, 1e6 * figures.step, 1e3 * figures.unroll, figures.bytes, share);
        std::fflush(stdout);
      }
    });
  }
  const nlohmann::json result{{"rows", rows}, {"read_bytes_per_second", bandwidth}};
  if (command.json) fmt::print("{}\n", result.dump());
  else fmt::print("this device reads {:.1f} GB/s from memory\n", 1e-9 * bandwidth);
  if (!command.against.empty()) print_against(result, command.against);
  return 0;
}

}  // namespace wane
