// The program `wane`: it parses words, calls a command, and turns errors into exit codes. 0 done, 2 bad input, 130
// Ctrl+C.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "apps/commands.h"
#include "apps/config_words.h"
#include "apps/viewing.h"
#include "configs/error.h"
#include "envs/plugin.h"

namespace {

constexpr const char* kConfigHelp = "a YAML file, e.g. configs/corridor.yaml, then any section.key=value";

constexpr const char* kRunHelp =
    "a run's folder or one of its checkpoints, then any world.key=value, expire_span.key=value";

/// Names (of worlds, configs, runs) and settings, key=value, of one command, in any order.
void split(const std::vector<std::string>& words, std::vector<std::string>& names, std::vector<std::string>& settings) {
  for (const std::string& word : words) (wane::is_setting(word) ? settings : names).push_back(word);
}

/// A whole number that is not cut to what fits.
std::string seed_problem(const std::string& text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  return error == std::errc() && end == text.data() + text.size() ? "" : "expected a whole number, 0 .. 2^64 - 1";
}

std::string one_world(const std::vector<std::string>& worlds) {
  if (worlds.size() == 1) return worlds[0];
  throw wane::Error(worlds.empty() ? "which world? `wane envs` lists them"
                                   : "one world at a time, then world.key=value");
}

int run(int argc, char** argv) {
  const CLI::Validator any_seed(seed_problem, "SEED");
  const CLI::Range any_count(1, 1 << 24), any_step(0, 1 << 30), any_frames(std::int64_t{1}, std::int64_t{1} << 50);
  CLI::App app("Agents that learn what to forget: reinforcement learning with Expire-Span memory.", "wane");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("wane ") + WANE_VERSION);

  wane::TrainCommand train;
  auto* train_app = app.add_subcommand("train", "Train an agent");
  train_app->add_option("CONFIG", train.words, kConfigHelp);
  train_app->add_option("--seed", train.seed, "the run's one seed (train.seed)")->check(any_seed);
  train_app->add_option("--device", train.device, "cpu or cuda (train.device)");
  train_app->add_option("--resume", train.resume, "go on with the run in this folder");
  train_app->add_option("--run-dir", train.run_dir, "folder of the new run [runs/{world}__{memory}__{seed}__{time}]");
  train_app->add_option("--stop-at", train.stop_at, "save and stop at this number of frames; --resume goes on")
      ->check(any_frames);

  train_app->add_flag("--watch", train.watch, "a window on environment 0 while it trains");

  wane::EvalCommand eval;
  auto* eval_app = app.add_subcommand("eval", "Evaluate a trained agent on fresh episodes");
  eval_app->add_option("RUN", eval.run, "a run's folder or one of its checkpoints")->required();
  eval_app->add_option("SETTING", eval.overrides, "world.key=value …, expire_span.key=value …");
  eval_app->add_option("--episodes", eval.episodes, "how many")->check(any_count)->capture_default_str();
  eval_app->add_option("--seed", eval.seed, "of the episodes and of sampling")->check(any_seed)->capture_default_str();
  eval_app->add_flag("--greedy", eval.greedy, "take the likeliest action instead of sampling");
  eval_app
      ->add_option(
          "--swap-at", eval.swap_at,
          "pairs of environments that began differently exchange memories after this many steps: who succeeds by "
          "memory then does what its twin should")
      ->check(CLI::Range(1, 1 << 30));
  eval_app->add_flag("--shuffle-lives", eval.shuffle_lives,
                     "slots live as long as others did, whatever they hold: does it matter what is kept?");
  eval_app->add_option("--erase", eval.erase, "CELL=CODE,…: forget the steps that saw such a code in that cell");
  eval_app->add_flag("--all-but-last", eval.erase_all_but_last, "of --erase: each only once the next one has come");
  eval_app->add_option("--csv", eval.csv, "write the episodes to this file, a row each");
  eval_app->add_flag("--json", eval.json, "one JSON object on standard output");

  wane::CompareCommand compare;
  std::vector<std::string> compare_words;
  auto* compare_app = app.add_subcommand("compare", "Train several memories on several tasks, and report");
  compare_app->add_option("CONFIG", compare_words, "YAML files, then any section.key=value")->required();
  compare_app->add_option("--memories", compare.memories, "kinds, with commas; KIND:key=value for its own settings")
      ->delimiter(',')
      ->allow_extra_args(false);
  compare_app->add_option("--seeds", compare.seeds, "1 .. this")->check(CLI::Range(1, 1000))->capture_default_str();
  compare_app->add_option("--episodes", compare.episodes, "of each evaluation")
      ->check(any_count)
      ->capture_default_str();
  compare_app->add_option("--jobs", compare.jobs, "runs at a time [one per core]")->check(CLI::Range(1, 4096));
  compare_app->add_option("--solved", compare.solved, "greedy success that counts as solved")
      ->check(CLI::Range(0., 1.))
      ->capture_default_str();
  compare_app
      ->add_option("--tune", compare.tune,
                   "settings to try for each memory first, with two seeds of their own; the best goes on")
      ->check(CLI::Range(1, 10000));
  compare_app
      ->add_option("--range", compare.ranges,
                   "of --tune: KEY=[LOW,HIGH] or KEY=A|B|C, given again for another; world.KEY changes the task itself")
      ->allow_extra_args(false);
  compare_app->add_option("--out", compare.out, "folder; what is in it already is not done again")
      ->capture_default_str();

  std::vector<std::string> config_words;
  auto* config_app = app.add_subcommand("config", "Print a configuration with every key and its meaning");
  config_app->add_option("CONFIG", config_words, kConfigHelp);

  wane::CheckCommand check;
  std::vector<std::string> check_words, worlds;
  auto* check_app = app.add_subcommand("check", "Check that a world keeps what every world must");
  check_app->add_option("WORLD", check_words, "its id, then any world.key=value")->required();
  check_app->add_option("--steps", check.steps, "random steps besides, within bounds")->check(any_frames);

  wane::PlayCommand play;
  std::vector<std::string> play_words;
  auto* play_app = app.add_subcommand("play", "Play a world yourself");
  play_app->add_option("WORLD", play_words, "its id, then any world.key=value")->required();
  play_app->add_flag("--terminal", play.terminal, "in text, here; over ssh too");
  play_app->add_option("--seed", play.seed, "of the episodes")->check(any_seed)->capture_default_str();
  play_app->add_option("--difficulty", play.difficulty, "0..1")->check(CLI::Range(0., 1.))->capture_default_str();
  play_app->add_option("--record", play.record, "write the latest episode to this file, as text");

  std::string name, folder;
  auto* new_app = app.add_subcommand("new-world", "Write the sources of a world of your own");
  new_app->add_option("NAME", name, "its id: a-z, 0-9, _")->required();
  new_app->add_option("DIR", folder, "where to")->required();

  std::string world;
  auto* envs_app = app.add_subcommand("envs", "List the worlds");
  envs_app->add_option("WORLD", world, "one of them, with its settings");

  wane::BenchCommand bench;
  auto* bench_app = app.add_subcommand("bench", "Measure speed");
  bench_app->require_subcommand(1);
  auto* bench_train_app = bench_app->add_subcommand("train", "Frames per second of training");
  bench_train_app->add_option("CONFIG", bench.words, "a YAML file or a run's folder, then any section.key=value");
  bench_train_app->add_option("--frames", bench.frames, "frames to measure [about five seconds' worth]")
      ->check(any_frames);
  bench_train_app->add_option("--against", bench.against, "a file of an earlier --json: prints ratios to it");
  bench_train_app->add_flag("--json", bench.json, "one JSON object on standard output");
  wane::WatchCommand watch;
  auto* watch_app = app.add_subcommand("watch", "Watch an agent act, remember and forget");
  std::vector<std::string> watch_words;
  bool demo = false;
  watch_app->add_option("RUN", watch_words, kRunHelp);
  watch_app->add_option("--seed", watch.seed, "of the episodes")->check(any_seed);
  watch_app->add_option("--episode", watch.episode, "the first to be shown")->check(any_step);
  watch_app->add_flag("--demo", demo, "the agent that comes with wane: the corridor, learned");
  watch_app->add_option("--scale", watch.scale, "pixels per point [the display's]")->check(CLI::Range(0.5, 8.));
  watch_app->add_flag("--terminal", watch.terminal, "in text, here; over ssh too");
  watch_app->add_flag("--sampled", watch.sampled, "draw actions from the policy instead of taking the likeliest");

  wane::RecordCommand record;
  auto* record_app = app.add_subcommand("record", "Record episodes as .html, .gif, .mp4 or .png, without a display");
  record_app->add_option("RUN", watch_words, kRunHelp);
  record_app->add_flag("--demo", demo, "the agent that comes with wane: the corridor, learned");
  record_app->add_option("--out", record.out, "file to write: .html (to open in a browser), .gif, .mp4, .png")
      ->required();
  record_app->add_option("--seed", record.seed, "of the episodes")->check(any_seed);
  record_app->add_option("--episode", record.episode, "the first")->check(any_step);
  record_app->add_option("--episodes", record.episodes, "how many (.gif, .mp4)")->check(CLI::Range(1, 1000));
  record_app->add_option("--step", record.step, "the moment of a .png [the last]")->check(any_step);
  record_app
      ->add_option("--erase-at", record.erase_at, "what if the slot that decides the end were erased at this step")
      ->check(any_step);
  record_app->add_option("--width", record.width, "pixels")->check(CLI::Range(320, 8192))->capture_default_str();
  record_app->add_option("--height", record.height, "pixels")->check(CLI::Range(200, 8192))->capture_default_str();
  record_app->add_option("--fps", record.fps, "steps per second (.gif, .mp4)")
      ->check(CLI::Range(1., 50.))
      ->capture_default_str();
  record_app->add_flag("--sampled", record.sampled, "draw actions from the policy instead of taking the likeliest");
  record_app->add_flag("--light", record.light, "on a light ground");

  wane::BenchMemoryCommand bench_memory;
  auto* bench_memory_app = bench_app->add_subcommand("memory", "Time and bytes of a memory against its live slots");
  bench_memory_app->add_option("CONFIG", bench_memory.words, "a YAML file, then any section.key=value");
  const auto list = [&](const char* name, auto& values, const char* what) {
    return bench_memory_app->add_option(name, values, what)->delimiter(',')->allow_extra_args(false);
  };
  list("--memory", bench_memory.kinds, "kinds; several, with commas, give rows each");
  list("--slots", bench_memory.slots, "live slots per environment")->check(CLI::Range(0, 1 << 24));
  list("--envs", bench_memory.envs, "environments")->check(CLI::Range(1, 1 << 20));
  list("--steps", bench_memory.steps, "steps of a block")->check(CLI::Range(1, 1 << 20));
  list("--heads", bench_memory.heads, "heads")->check(CLI::Range(1, 64));
  list("--width", bench_memory.width, "hidden size")->check(CLI::Range(1, 8192));
  bench_memory_app->add_flag("--unroll", bench_memory.unroll, "a block's forward and backward pass too");
  bench_memory_app->add_option("--against", bench_memory.against, "a file of an earlier --json: prints ratios to it");
  bench_memory_app->add_flag("--json", bench_memory.json, "one JSON object on standard output");
  wane::BenchWorldsCommand bench_worlds;
  std::vector<std::string> bench_words;
  auto* bench_worlds_app = bench_app->add_subcommand("worlds", "Steps per second of the worlds, resets included");
  bench_worlds_app->add_option("WORLD", bench_words, "which [all], then any world.key=value");
  bench_worlds_app->add_option("--envs", bench_worlds.envs, "environments; several give a row each")
      ->check(CLI::PositiveNumber)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  bench_worlds_app->add_option("--threads", bench_worlds.threads, "threads; several give a row each")
      ->check(CLI::PositiveNumber)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  bench_worlds_app->add_option("--device", bench_worlds.device, "cpu or cuda")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  bench_worlds_app->add_flag("--json", bench_worlds.json, "one JSON object on standard output");

  std::vector<std::string> plugins;
  for (auto* command : {train_app, eval_app, compare_app, config_app, check_app, play_app, envs_app, bench_train_app,
                        bench_memory_app, bench_worlds_app, watch_app, record_app})
    command->add_option("--plugin", plugins, "a shared library with a world, given again for another")
        ->allow_extra_args(false);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const std::string& path : plugins) wane::load_plugin(path);
  if (*new_app) return wane::new_world(name, folder);
  if (*check_app) {
    split(check_words, worlds, check.overrides);
    check.world = one_world(worlds);
    return wane::check_world(check);
  }
  if (*play_app) {
    split(play_words, worlds, play.overrides);
    play.world = one_world(worlds);
    return wane::play(play);
  }
  if (*train_app) return wane::train(train);
  if (*eval_app) return wane::eval(eval);
  if (*compare_app) {
    compare.plugins = plugins;
    split(compare_words, compare.configs, compare.overrides);
    return wane::compare(compare);
  }
  if (*config_app) return wane::config(config_words);
  if (*envs_app) return wane::envs(world);
  if (*bench_train_app) return wane::bench_train(bench);
  if (*watch_app || *record_app) {
    std::vector<std::string> runs, settings;
    split(watch_words, runs, settings);
    if (demo) runs.insert(runs.begin(), WANE_DEMO);
    if (runs.size() != 1)
      throw wane::Error(runs.empty() ? "which run? A run's folder or a checkpoint, or --demo" : "one run at a time");
    watch.run = record.run = runs[0];
    watch.overrides = record.overrides = settings;
    if (*record_app) return wane::record(record);
    return watch.terminal ? wane::watch_in_terminal(watch) : wane::watch(watch);
  }
  if (*bench_memory_app) return wane::bench_memory(bench_memory);
  split(bench_words, bench_worlds.worlds, bench_worlds.overrides);
  return wane::bench_worlds(bench_worlds);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then an error of the write, told like a full disk
  try {
    const int code = run(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
      throw wane::Error(std::string("standard output: cannot write: ") + std::strerror(errno));
    return code;
  } catch (const wane::Error& error) {
    fmt::print(stderr, "wane: {}\n", error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "wane: out of memory\n");
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "wane: internal error: {}\n", error.what());
    return 1;
  }
}
