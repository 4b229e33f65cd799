#include "apps/run_report.h"
#include "apps/config_words.h"

#include <fmt/format.h>

#include <cmath>

#include "agents/checkpoint.h"
#include "configs/error.h"
#include "configs/reader.h"
#include "configs/write_file.h"
#include "envs/registry.h"
#include "envs/rng.h"

namespace wane {
namespace {

std::vector<std::string> with_options(const TrainCommand& command, std::vector<std::string> overrides) {
  if (command.seed) overrides.push_back("train.seed=" + std::to_string(*command.seed));
  if (!command.device.empty()) overrides.push_back("train.device=" + command.device);
  return overrides;
}

std::string layer_tag(const char* group, std::size_t n, const char* what) {
  return fmt::format("{}/layer{}/{}", group, n, what);
}

/// The log's columns; TensorBoard's tags are the same (names as in Stable-Baselines3 where it has them).
std::vector<std::string> columns(const Settings& settings) {
  std::vector<std::string> all{"rollout/ep_rew_mean", "rollout/ep_len_mean",      "rollout/success_rate",
                               "rollout/episodes",    "rollout/difficulty",       "time/fps",
                               "time/time_elapsed",   "train/policy_loss",        "train/value_loss",
                               "train/entropy_loss",  "train/explained_variance", "train/learning_rate",
                               "train/gradient_norm", "train/span_loss",          "train/span_gradient_norm",
                               "train/gate_open",     "eval/success_rate",        "eval/success_rate_sampled",
                               "eval/mean_reward",    "eval/mean_ep_length"};
  for (std::size_t n = 0; n < std::size_t(settings.memory.layers); ++n) {
    for (const char* what :
         {"live_slots_mean", "live_slots_max", "span_mean", "span_max", "ramp_share", "bytes", "dropped_per_step"}) {
      all.push_back(layer_tag("memory", n, what));
    }
    for (const char* what : {"live_slots_mean", "live_slots_max"}) all.push_back(layer_tag("eval", n, what));
  }
  return all;
}

/// Sorts evaluations: success to whole percents first, then fewer live slots.
double rank(const Evaluation& e) {
  double slots = 0;
  for (const auto& layer : e.layers) slots += layer.live_slots_mean;
  return std::floor(100 * e.success) + 1 / (1 + slots);
}

}  // namespace

Run start_run(const TrainCommand& command) {
  const ConfigWords words = config_words(command.words);
  const Settings settings = read_settings(words.path, with_options(command, words.overrides));
  auto training = std::make_unique<Training>(settings);
  const RunFolder folder = RunFolder::create(settings, command.run_dir);
  Run run{folder, std::move(training), false, folder.hold()};
  run.training->save(run.folder.checkpoint("latest"));
  write_file_atomically(run.folder.config(), explained_settings(settings));  // last: it makes the folder a run's
  return run;
}

Run resume_run(const TrainCommand& command) {
  if (!command.run_dir.empty()) throw Error("--run-dir: --resume goes on in the run's own folder");
  const RunFolder folder = RunFolder::open(command.resume);
  const std::shared_ptr<const void> held = folder.hold();
  const Settings settings = read_settings(folder.config(), with_options(command, command.words));
  auto checkpoint = read_checkpoint(find_checkpoint(command.resume), find_device(settings.train.device));
  Run run{folder, std::make_unique<Training>(settings, checkpoint, Changes::of_resume), true, held};
  write_file_atomically(folder.config(), explained_settings(settings));
  return run;
}

RunReport::RunReport(Run& run)
    : run_(run), training_(*run.training), first_frame_(training_.frames),
      log_(run.folder.path, columns(training_.settings), run.resumed ? training_.frames : -1) {
  display_->say(fmt::format("{}{}: {} with {} memory, seed {}", run.resumed ? "Resuming " : "",
                            run.folder.path.string(), training_.settings.world.name, training_.settings.memory.kind,
                            training_.settings.train.seed));
  if (!training_.differs.empty()) display_->say("Continues, not bit-equal: " + training_.differs);
}

double RunReport::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

ProgressState RunReport::state() const {
  ProgressState state;
  state.frames = training_.frames;
  state.frames_end = training_.settings.train.frames;
  state.seconds = seconds();
  state.frames_per_second = state.seconds > 0 ? double(training_.frames - first_frame_) / state.seconds : 0;
  if (!training_.recent.empty()) {
    double success = 0, length = 0;
    for (const auto& episode : training_.recent) {
      success += episode.success;
      length += episode.length;
    }
    state.success = success / double(training_.recent.size());
    state.length = length / double(training_.recent.size());
  }
  if (greedy_) state.evaluated = greedy_->success;
  for (const auto& table : training_.memory.layers) {
    const SlotCounts& n = table.counts;
    if (n.queries > 0) state.layers.push_back({n.live / n.queries, n.born > 0 ? n.spans / n.born : 0});
  }
  if (state.layers.empty()) state.layers = last_layers_;
  return state;
}

void RunReport::show() { display_->show(state()); }

std::vector<std::pair<std::string, double>> RunReport::values() {
  const ProgressState now = state();
  std::vector<std::pair<std::string, double>> row;
  if (!training_.recent.empty()) {
    double reward = 0;
    for (const auto& episode : training_.recent) reward += episode.episode_return;
    row.emplace_back("rollout/ep_rew_mean", reward / double(training_.recent.size()));
    row.emplace_back("rollout/ep_len_mean", *now.length);
    row.emplace_back("rollout/success_rate", *now.success);
  }
  row.emplace_back("rollout/episodes", double(training_.episodes));
  row.emplace_back("rollout/difficulty", training_.curriculum.difficulty());
  row.emplace_back("time/fps", now.frames_per_second);
  row.emplace_back("time/time_elapsed", now.seconds);
  const UpdateReport& sums = training_.sums;
  const double updates = std::max(1.0, training_.updates);
  row.emplace_back("train/policy_loss", sums.policy_loss / updates);
  row.emplace_back("train/value_loss", sums.value_loss / updates);
  row.emplace_back("train/entropy_loss", -sums.entropy / updates);
  row.emplace_back("train/explained_variance", sums.explained_variance / updates);
  const double share = schedule(training_.settings, training_.frames, training_.falls_since).rate_share;
  row.emplace_back("train/learning_rate", training_.settings.optimiser.learning_rate * share);
  row.emplace_back("train/gradient_norm", sums.gradient_norm / updates);
  row.emplace_back("train/span_loss", sums.span_loss / updates);
  row.emplace_back("train/span_gradient_norm", sums.span_gradient_norm / updates);
  row.emplace_back("train/gate_open", training_.forgetting.open());
  for (std::size_t n = 0; n < training_.memory.layers.size(); ++n) {
    const SlotTable& table = training_.memory.layers[n];
    const SlotCounts& counts = table.counts;
    const double queries = std::max(1.0, counts.queries);
    row.emplace_back(layer_tag("memory", n, "live_slots_mean"), counts.live / queries);
    row.emplace_back(layer_tag("memory", n, "live_slots_max"), counts.most_live);
    if (table.span.defined()) {
      row.emplace_back(layer_tag("memory", n, "span_mean"), now.layers[n].span);
      row.emplace_back(layer_tag("memory", n, "span_max"), counts.most_span);
      row.emplace_back(layer_tag("memory", n, "ramp_share"), counts.fading / std::max(1.0, counts.live));
    }
    row.emplace_back(layer_tag("memory", n, "bytes"), double(table.bytes()));
    row.emplace_back(layer_tag("memory", n, "dropped_per_step"), counts.dropped / queries);
  }
  if (fresh_evaluation_) {
    row.emplace_back("eval/success_rate", greedy_->success);
    row.emplace_back("eval/success_rate_sampled", sampled_->success);
    row.emplace_back("eval/mean_reward", greedy_->return_mean);
    row.emplace_back("eval/mean_ep_length", greedy_->length_mean);
    for (std::size_t n = 0; n < greedy_->layers.size(); ++n) {
      row.emplace_back(layer_tag("eval", n, "live_slots_mean"), greedy_->layers[n].live_slots_mean);
      row.emplace_back(layer_tag("eval", n, "live_slots_max"), greedy_->layers[n].live_slots_max);
    }
  }
  return row;
}

void RunReport::row() {
  log_.row(training_.frames, values());
  display_->row(state());
  last_layers_ = state().layers;
  fresh_evaluation_ = false;
  training_.sums = {};
  training_.updates = 0;
  for (auto& table : training_.memory.layers) {
    faded_ = faded_ || table.counts.fading > 0;
    table.counts = {};
  }
}

bool RunReport::evaluate() {
  const Settings& settings = training_.settings;
  const auto run = [&](bool greedy) {
    const std::uint64_t seed = hash(settings.train.seed, static_cast<std::uint64_t>(training_.frames), greedy);
    return wane::evaluate(*training_.agent, find_world(settings.world.name), settings.world.values,
                          {settings.eval.episodes, seed, greedy});
  };
  greedy_ = run(true);
  sampled_ = run(false);
  fresh_evaluation_ = true;
  const bool best = rank(*greedy_) > training_.best;
  if (best) training_.best = rank(*greedy_);
  return best;
}

bool RunReport::solved() const {
  const TrainSettings& train = training_.settings.train;
  if (train.stop_success <= 0 || !greedy_ || greedy_->success < train.stop_success) return false;
  for (const auto& layer : greedy_->layers) {
    if (train.stop_live_slots > 0 && layer.live_slots_mean > train.stop_live_slots) return false;
  }
  return true;
}

std::string RunReport::why_spans_were_not_taught() const {
  const Settings& settings = training_.settings;
  const ExpireSpanSettings& spans = settings.expire_span;
  if (settings.memory.kind != "expire_span") return "";
  if (!training_.forgetting.open())
    return fmt::format(
        "Spans were not taught: success at a difficulty of expire_span.open_from={} and more never came to open_at={}",
        spans.open_from, spans.open_at);
  if (spans.learn == "gradient" && !faded_ && !run_.resumed)
    return "Spans were not taught: expire_span.learn=gradient teaches slots on their ramp, and none ever was";
  return "";
}

void RunReport::close(const std::string& line) {
  display_.reset();
  fmt::print("{}\n", line);
}

void RunReport::summary(bool solved) {
  ProgressState last = state();
  last.finished = true;
  display_->show(last);
  close(solved ? "\nSolved: train.stop holds." : "");
  if (greedy_) {
    fmt::print("{} fresh episodes with frozen weights: success {:.1f} % greedy, {:.1f} % sampled\n", greedy_->episodes,
               100 * greedy_->success, 100 * sampled_->success);
    for (std::size_t n = 0; n < greedy_->layers.size(); ++n) {
      fmt::print("layer {}: {:.1f} live slots per environment, at most {:.0f}\n", n, greedy_->layers[n].live_slots_mean,
                 greedy_->layers[n].live_slots_max);
    }
    if (const std::string why = why_spans_were_not_taught(); !why.empty()) fmt::print("{}\n", why);
  } else {  // a finished run was resumed
    fmt::print("Nothing was left to do: {} of train.frames={} are done.", training_.frames,
               training_.settings.train.frames);
    fmt::print(" More: ./wane train --resume {} train.frames={}\n", run_.folder.path.string(), 2 * training_.frames);
  }
  fmt::print("Next: ./wane eval {}\n", run_.folder.path.string());
}

void RunReport::paused() {
  close(fmt::format("Stopped and saved at {} frames. Next: ./wane train --resume {}", training_.frames,
                    run_.folder.path.string()));
}

void RunReport::interrupted() {
  close(fmt::format("Interrupted; saved at {} frames. Next: ./wane train --resume {}", training_.frames,
                    run_.folder.path.string()));
}

}  // namespace wane
