#include "apps/compare_runs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <thread>

#include "configs/error.h"
#include "configs/reader.h"
#include "configs/write_file.h"

extern char** environ;

namespace wane {
namespace {

namespace fs = std::filesystem;

/// This program with other words; its output goes to `out`. The exit code, 128 + signal where it was killed.
int run(std::vector<std::string> words, const fs::path& out, bool append) {
  words.insert(words.begin(), "/proc/self/exe");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0644);
  if (append) posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed) throw Error("starting a run: " + std::generic_category().message(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::path result_file(const ComparedRun& run) { return run.folder / "result.json"; }

/// True where the run needs nothing more. Throws Error where its folder holds another experiment.
bool done(const ComparedRun& run) {
  const std::string hash = text_of(run.folder / "hash");
  if (!hash.empty() && hash != run.hash)
    throw Error(run.folder.string() + ": holds a run with other settings; use another --out, or remove it");
  return fs::exists(result_file(run));
}

/// Trains, evaluates, writes the result. The exit code of what failed, or 0.
int work(const ComparedRun& wanted, const CompareCommand& command) {
  fs::create_directories(wanted.folder);
  write_file_atomically(wanted.folder / "hash", wanted.hash);
  const fs::path log = wanted.folder / "log.txt";
  std::vector<std::string> words{"train"};
  if (fs::exists(wanted.folder / "config.yaml")) {
    words.insert(words.end(), {"--resume", wanted.folder.string()});
  } else {
    words.push_back(wanted.config);
    words.insert(words.end(), wanted.overrides.begin(), wanted.overrides.end());
    words.insert(words.end(), {"--run-dir", wanted.folder.string()});
  }
  for (const std::string& plugin : command.plugins) words.insert(words.end(), {"--plugin", plugin});
  if (const int code = run(words, log, true)) return code;
  std::vector<std::string> names{"greedy"};
  const Settings settings = read_settings(wanted.config, wanted.overrides);
  if (!wanted.trial) names.push_back("sampled");
  if (!wanted.trial && settings.memory.kind == "expire_span")
    names.push_back("shuffled");  // lives: is it what a slot holds that counts?
  for (const std::string& name : names) {
    std::vector<std::string> eval{"eval", wanted.folder.string(), "--json", "--episodes",
                                  std::to_string(command.episodes), "--seed",
                                  wanted.trial ? "1000004" : "1000003",  // no seeds of a training; two: who is chosen
                                                                         // on some episodes is judged on others
                                  "--csv", (wanted.folder / (name + ".csv")).string()};
    if (name != "sampled") eval.push_back("--greedy");
    if (name == "shuffled") eval.push_back("--shuffle-lives");
    for (const std::string& plugin : command.plugins) eval.insert(eval.end(), {"--plugin", plugin});
    if (const int code = run(eval, wanted.folder / (name + ".json"), false)) return code;
  }
  write_file_atomically(result_file(wanted), read_run(wanted).dump(1) + "\n");
  return 0;
}

void work_through(const std::vector<const ComparedRun*>& left, const CompareCommand& command) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const auto jobs = std::min<std::size_t>(std::size_t(command.jobs > 0 ? command.jobs : cores), left.size());
  std::atomic<std::size_t> next = 0, finished = 0;
  std::atomic<int> failure = 0;
  std::mutex screen;
  std::string said;
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> workers;
    for (std::size_t j = 0; j < jobs; ++j) {
      workers.emplace_back([&] {
        for (std::size_t i; !failure && (i = next++) < left.size();) {
          const ComparedRun& run = *left[i];
          std::string problem;
          int code = 0;
          try {
            code = work(run, command);
            if (code) problem = "ended with " + std::to_string(code) + ", see " + (run.folder / "log.txt").string();
          } catch (const std::exception& error) {
            code = 2;
            problem = error.what();
          }
          const std::lock_guard lock(screen);
          if (code) {
            if (!failure.exchange(code))
              said = fmt::format("{} {} seed {}: {}", run.task, run.memory, run.seed, problem);
            continue;
          }
          const auto result = nlohmann::json::parse(text_of(result_file(run)));
          const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
          const double ahead = seconds / double(++finished) * double(left.size() - finished);
          fmt::print("{} of {}: {}, {}, seed {}: success {:.3f}; about {:.0f} min left\n", finished.load(), left.size(),
                     run.task, run.memory + (run.trial ? ", draw " + run.folder.parent_path().filename().string() : ""),
                     run.seed, result["greedy"]["success"].get<double>(), ahead / 60);
          std::fflush(stdout);
        }
      });
    }
  }
  if (failure) throw Error(said + ". What is done is kept: the same command goes on from here");
}

}  // namespace

std::vector<nlohmann::json> finish(const std::vector<ComparedRun>& runs, const CompareCommand& command) {
  std::vector<const ComparedRun*> left;
  for (const ComparedRun& run : runs)
    if (!done(run)) left.push_back(&run);
  if (left.size() < runs.size())
    fmt::print("{} of {} runs are there already\n", runs.size() - left.size(), runs.size());
  if (!left.empty()) work_through(left, command);
  std::vector<nlohmann::json> results;
  for (const ComparedRun& run : runs) results.push_back(nlohmann::json::parse(text_of(result_file(run))));
  return results;
}

}  // namespace wane
