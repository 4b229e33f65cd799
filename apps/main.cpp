// The program `wane`: it parses words, calls a command, and turns errors into exit codes. 0 done, 2 bad input, 130
// Ctrl+C.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "apps/commands.h"
#include "configs/error.h"

namespace {

constexpr const char* kConfigHelp = "a YAML file, e.g. configs/corridor.yaml, then any section.key=value";

int run(int argc, char** argv) {
  CLI::App app("Agents that learn what to forget: reinforcement learning with Expire-Span memory.", "wane");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("wane ") + WANE_VERSION);

  wane::TrainCommand train;
  auto* train_app = app.add_subcommand("train", "Train an agent");
  train_app->add_option("CONFIG", train.words, kConfigHelp);
  train_app->add_option("--seed", train.seed, "the run's one seed (train.seed)")->check(CLI::NonNegativeNumber);
  train_app->add_option("--device", train.device, "cpu or cuda (train.device)");
  train_app->add_option("--resume", train.resume, "go on with the run in this folder");
  train_app->add_option("--run-dir", train.run_dir, "folder of the new run [runs/{world}__{memory}__{seed}__{time}]");
  train_app->add_option("--stop-at", train.stop_at, "save and stop at this number of frames; --resume goes on");

  wane::EvalCommand eval;
  auto* eval_app = app.add_subcommand("eval", "Evaluate a trained agent on fresh episodes");
  eval_app->add_option("RUN", eval.run, "a run's folder or one of its checkpoints")->required();
  eval_app->add_option("SETTING", eval.overrides, "world.key=value …, expire_span.key=value …");
  eval_app->add_option("--episodes", eval.episodes, "how many")->check(CLI::PositiveNumber)->capture_default_str();
  eval_app->add_option("--seed", eval.seed, "of the episodes and of sampling")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  eval_app->add_flag("--greedy", eval.greedy, "take the likeliest action instead of sampling");
  eval_app
      ->add_option(
          "--swap-at", eval.swap_at,
          "pairs of environments that began differently exchange memories after this many steps: who succeeds by "
          "memory then does what its twin should")
      ->check(CLI::PositiveNumber);
  eval_app->add_flag("--json", eval.json, "one JSON object on standard output");

  std::vector<std::string> config_words;
  auto* config_app = app.add_subcommand("config", "Print a configuration with every key and its meaning");
  config_app->add_option("CONFIG", config_words, kConfigHelp);

  std::string world;
  auto* envs_app = app.add_subcommand("envs", "List the worlds");
  envs_app->add_option("WORLD", world, "one of them, with its settings");

  wane::BenchCommand bench;
  auto* bench_app = app.add_subcommand("bench", "Measure speed");
  bench_app->require_subcommand(1);
  auto* bench_train_app = bench_app->add_subcommand("train", "Frames per second of training");
  bench_train_app->add_option("CONFIG", bench.words, "a YAML file or a run's folder, then any section.key=value");
  bench_train_app->add_option("--frames", bench.frames, "frames to measure [about five seconds' worth]");
  bench_train_app->add_flag("--json", bench.json, "one JSON object on standard output");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (*train_app) return wane::train(train);
  if (*eval_app) return wane::eval(eval);
  if (*config_app) return wane::config(config_words);
  if (*envs_app) return wane::envs(world);
  return wane::bench_train(bench);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file-size limit is then an error of the write, told like a full disk
  try {
    return run(argc, argv);
  } catch (const wane::Error& error) {
    fmt::print(stderr, "wane: {}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "wane: internal error: {}\n", error.what());
    return 1;
  }
}
