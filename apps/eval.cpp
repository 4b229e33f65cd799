#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "agents/evaluate.h"
#include "agents/training.h"
#include "apps/commands.h"
#include "apps/run_folder.h"
#include "configs/error.h"
#include "configs/write_file.h"
#include "envs/registry.h"

namespace wane {
namespace {

nlohmann::json to_json(const Evaluation& e, const Agent& agent, const EvalCommand& command) {
  std::int64_t parameters = 0;
  for (const auto& parameter : agent.parameters()) parameters += parameter.numel();
  nlohmann::json by_length = nlohmann::json::array(), layers = nlohmann::json::array();
  for (const auto& bin : e.success_by_length) {
    by_length.push_back(
        {{"least", bin.least}, {"most", bin.most}, {"episodes", bin.episodes}, {"success", bin.success}});
  }
  for (const auto& layer : e.layers) {
    layers.push_back({{"live_slots_mean", layer.live_slots_mean},
                      {"live_slots_max", layer.live_slots_max},
                      {"span_mean", layer.span_mean},
                      {"span_max", layer.span_max},
                      {"bytes_max", layer.bytes_max}});
  }
  nlohmann::json all = {{"episodes", e.episodes},         {"success", e.success},
                        {"full_success", e.full_success}, {"success_by_length", by_length},
                        {"return_mean", e.return_mean},   {"length_mean", e.length_mean},
                        {"parameters", parameters},       {"layers", layers}};
  if (command.swap_at) all["exchanged"] = e.exchanged;
  if (!command.erase.empty()) all["erased"] = e.erased;
  return all;
}

std::string to_csv(const Evaluation& e) {
  std::string rows = "seed,size,length,return,success\n";
  for (const auto& episode : e.finished)
    rows += fmt::format("{},{},{},{},{}\n", episode.seed, episode.size, episode.length, episode.episode_return,
                        episode.success);
  return rows;
}

void print_experiments(const Evaluation& e, const EvalCommand& command) {
  if (command.swap_at)
    fmt::print("  memories of {} pairs of twins exchanged after {} steps\n", e.exchanged, command.swap_at);
  if (command.shuffle_lives) fmt::print("  slots live as long as others did, whatever they hold\n");
  if (!command.erase.empty())
    fmt::print("  erased {}: {} slots of steps that saw {}\n",
               command.erase_all_but_last ? "but for the last" : "at once", e.erased, command.erase);
  if (command.swap_at || command.shuffle_lives || !command.erase.empty()) fmt::print("\n");
}

void print_table(const Evaluation& e, const EvalCommand& command, const LoadedAgent& loaded) {
  fmt::print("{} with {} memory, trained for {} frames; {} fresh episodes, {} actions, seed {}\n\n",
             loaded.settings.world.name, loaded.settings.memory.kind, loaded.frames, e.episodes,
             command.greedy ? "greedy" : "sampled", command.seed);
  print_experiments(e, command);
  fmt::print("  success       {:7.3f}\n", e.success);
  if (e.full_success < e.success) fmt::print("  full success  {:7.3f} of the episodes\n", e.full_success);
  fmt::print("  mean return   {:7.3f}\n  mean length   {:7.1f} steps\n\n", e.return_mean, e.length_mean);
  fmt::print("  size           episodes  success\n");
  for (const auto& bin : e.success_by_length) {
    fmt::print("  {:>5} .. {:<5} {:>9}  {:7.3f}\n", bin.least, bin.most, bin.episodes, bin.success);
  }
  if (e.layers.empty()) return;
  fmt::print("\n  layer  live slots: mean    max   span: mean      max (steps)   at most, kB\n");
  for (std::size_t n = 0; n < e.layers.size(); ++n) {
    const auto& layer = e.layers[n];
    fmt::print("  {:>5}  {:>16.1f} {:>6.0f}   {:>10.1f} {:>8.1f}           {:>11.1f}\n", n, layer.live_slots_mean,
               layer.live_slots_max, layer.span_mean, layer.span_max, 1e-3 * layer.bytes_max);
  }
}

/// CELL=CODE,CODE …
Erase to_erase(const EvalCommand& command) {
  Erase erase;
  erase.all_but_last = command.erase_all_but_last;
  if (command.erase.empty()) {
    if (erase.all_but_last) throw Error("--all-but-last: of what? It belongs to --erase CELL=CODE,…");
    return erase;
  }
  const auto number = [&](std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
      throw Error("--erase " + command.erase + ": expected CELL=CODE,CODE …, as in 0=2,3");
    return value;
  };
  const std::string_view words = command.erase;
  const std::size_t equals = words.find('=');
  erase.cell = number(words.substr(0, equals));
  std::size_t from = equals == words.npos ? words.size() : equals;
  do {
    const std::size_t to = std::min(words.find(',', from + 1), words.size());
    erase.codes.push_back(number(from < words.size() ? words.substr(from + 1, to - from - 1) : ""));
    from = to;
  } while (from < words.size());
  return erase;
}

}  // namespace

int eval(const EvalCommand& command) {
  const LoadedAgent loaded = load_agent(find_checkpoint(command.run), command.overrides);
  if (command.swap_at && loaded.settings.memory.kind == "none")
    throw Error("--swap-at: an agent without memory has none to exchange");
  const Evaluation evaluation =
      evaluate(*loaded.agent, find_world(loaded.settings.world.name), loaded.settings.world.values,
               {.episodes = command.episodes,
                .seed = command.seed,
                .greedy = command.greedy,
                .swap_at = command.swap_at,
                .shuffle_lives = command.shuffle_lives,
                .erase = to_erase(command)});
  if (!command.csv.empty()) write_file_atomically(command.csv, to_csv(evaluation));
  if (command.json) {
    fmt::print("{}\n", to_json(evaluation, *loaded.agent, command).dump());
  } else {
    print_table(evaluation, command, loaded);
  }
  return 0;
}

}  // namespace wane
