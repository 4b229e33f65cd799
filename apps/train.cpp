// wane train: collect -> update -> log -> checkpoint.

#include "agents/training.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <optional>

#include "apps/commands.h"
#include "apps/run_report.h"
#include "apps/viewing.h"

namespace wane {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);  // a second Ctrl+C ends at once
}

}  // namespace

int train(const TrainCommand& command) {
  if (command.watch) need_window();
  Run run = command.resume.empty() ? start_run(command) : resume_run(command);
  Training& training = *run.training;
  const Settings& settings = training.settings;
  std::optional<LiveView> view;
  if (command.watch) view.emplace(training);
  RunReport report(run);
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);

  const auto due = [&](std::int64_t every) {
    const std::int64_t block = std::int64_t(settings.train.envs) * settings.train.steps;
    return every > 0 && training.frames / every != (training.frames - block) / every;
  };
  bool solved = false;
  while (training.frames < settings.train.frames && !solved) {
    training.collect();
    if (view) view->note(training);
    training.update();
    report.show();

    const bool last = training.frames >= settings.train.frames;
    const bool evaluates = due(settings.eval.every) || last;
    if (evaluates) {
      const bool best = report.evaluate();
      solved = report.solved();
      if (best) training.save(run.folder.checkpoint("best"));
    }
    if (evaluates || due(settings.log.every)) report.row();
    const bool breaks_off = interrupted;  // read once: what is said to be saved is
    const bool stops = breaks_off || (command.stop_at > 0 && training.frames >= command.stop_at);
    if (due(settings.log.keep_every)) training.save(run.folder.checkpoint(std::to_string(training.frames)));
    // Last of all that is written: whoever resumes from it misses nothing.
    if (due(settings.log.checkpoint_every) || stops || last || solved) training.save(run.folder.checkpoint("latest"));
    if (breaks_off) return report.interrupted(), 130;
    if (stops && !last && !solved) return report.paused(), 0;
  }
  report.summary(solved);
  if (view) fmt::print("Being watched took {:.2f} % of the time.\n", 100 * view->share());
  return 0;
}

}  // namespace wane
