#include "agents/training.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/cuda.h>
#include <torch/serialize/archive.h>
#include <torch/types.h>
#include <torch/version.h>

#include <fstream>

#include "agents/archive.h"
#include "agents/checkpoint.h"
#include "agents/parallel.h"
#include "configs/error.h"
#include "configs/reader.h"
#include "envs/registry.h"
#include "envs/rng.h"
#include "memory/timed.h"

namespace wane {
namespace {

constexpr std::size_t kRecent = 100;  // episodes behind the log's means, as Stable-Baselines3 counts them

Parallel use_threads(const Settings& settings) {
  const std::string& compute = settings.memory.compute;
  const bool operators = settings.train.device != "cpu" || (compute != "auto" && compute != "fused");
  return wane::use_threads(settings.train.threads, operators);
}

std::unique_ptr<Batch> make_batch(const Settings& settings) {
  return std::make_unique<Batch>(find_world(settings.world.name), settings.world.values, settings.train.envs,
                                 settings.train.seed, use_threads(settings));
}

std::unique_ptr<Agent> make_agent(const Settings& settings, const Senses& senses) {
  auto agent = std::make_unique<Agent>(settings, senses, settings.train.seed);
  agent->to(find_device(settings.train.device));
  return agent;
}

/// The last environments of a run; one at least where any are asked for, and one that is none.
Witnesses witnesses_of(const Settings& settings) {
  const double share = settings.memory.kind == "expire_span" ? settings.expire_span.witnesses : 0;
  if (share == 0) return {};
  const int envs = settings.train.envs, number = std::max(1, static_cast<int>(share * envs));
  if (number >= envs) throw Error("expire_span.witnesses: expected train.envs to be 2 or more, for one that is none");
  return {envs - number, static_cast<std::int32_t>(settings.expire_span.first_span)};
}

/// What a training's memory is told before it acts.
void make_ready(MemoryState& memory, const Settings& settings) {
  memory.witnesses = witnesses_of(settings);
  memory.books_may_leave = true;
}

template <class Module>
void save_module(torch::serialize::OutputArchive& archive, const std::string& key, const Module& module) {
  torch::serialize::OutputArchive inner;
  module.save(inner);
  archive.write(key, inner);
}

template <class Module>
void load_module(torch::serialize::InputArchive& archive, const std::string& key, Module& module) {
  torch::serialize::InputArchive inner;
  archive.read(key, inner);
  module.load(inner);
}

/// LibTorch itself takes a saved tensor of any shape. `changed` are the settings that differ from the saved ones.
void load_weights(torch::serialize::InputArchive& archive, Agent& agent, const std::vector<std::string>& changed) {
  std::string keys;
  for (const auto& key : changed) keys += (keys.empty() ? "" : ", ") + key;
  const Error misfit(keys + ": the checkpoint's network is of another size");
  std::vector<std::vector<std::int64_t>> shapes;
  for (const auto& parameter : agent.parameters()) shapes.push_back(parameter.sizes().vec());
  try {
    load_module(archive, "agent", agent);
  } catch (const c10::Error&) {
    throw misfit;
  }
  const auto loaded = agent.parameters();
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    if (loaded[i].sizes() != shapes[i]) throw misfit;
  }
}

std::string read_text(torch::serialize::InputArchive& archive, const std::string& key) {
  c10::IValue text;
  archive.read(key, text);
  return text.toStringRef();
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

// One list for the sums in a checkpoint.
constexpr double UpdateReport::*kReportFields[] = {&UpdateReport::policy_loss,       &UpdateReport::value_loss,
                                                   &UpdateReport::entropy,           &UpdateReport::explained_variance,
                                                   &UpdateReport::span_loss,         &UpdateReport::gradient_norm,
                                                   &UpdateReport::span_gradient_norm};

/// Whether what optimiser.fall_from waits for is there.
bool rates_fall(const OptimiserSettings& optimiser, const Curriculum& curriculum, const Forgetting& forgetting) {
  if (optimiser.fall_from == "full") return curriculum.full();
  return optimiser.fall_from == "start" || forgetting.open();
}

}  // namespace

torch::Device find_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (!at::CUDAHooksRegistry()->Has("CUDAHooks"))  // torch::hasCUDA is false where there is no GPU, too
    throw Error("--device cuda: this wane was built without LibTorch's CUDA part (no nvcc when ./wane installed it)");
  if (!torch::cuda::is_available())
    throw Error("--device cuda: LibTorch finds no usable NVIDIA GPU or driver on this machine");
  return torch::kCUDA;
}

std::string Training::fingerprint(const Settings& settings) {
  return "LibTorch " + std::string(TORCH_VERSION) + ", " + std::to_string(at::get_num_threads()) + " threads, " +
         settings.train.device + ", " + cpu_name();
}

Training::Training(const Settings& s)
    : settings(s), batch(make_batch(s)), agent(make_agent(s, Senses::of(*batch, s.network))),
      optimiser(std::make_unique<Optimiser>(*agent, s.optimiser, s.a2c.clip)),
      memory(agent->memory().begin(s.train.envs, s.train.steps)), previous(s.train.envs),
      rollout(agent->senses(), s.train.envs, s.train.steps), curriculum(s.curriculum),
      forgetting(s.expire_span, s.adaptive_span) {
  make_ready(memory, s);
  rollout.slip = s.curriculum.slip;
  if (rates_fall(settings.optimiser, curriculum, forgetting)) falls_since = 0;
  batch->set_difficulty(curriculum.difficulty());
  batch->reset_all();
}

Training::Training(const Settings& s, torch::serialize::InputArchive& checkpoint, Changes changes) : Training(s) {
  const Settings saved = parse_settings(read_text(checkpoint, "settings"), "checkpoint", {});
  const auto changed = changed_keys(saved, settings);
  for (const auto& key : changed) {
    if (changes == Changes::of_resume && !may_change_on_resume(key))
      throw Error(key + ": cannot change when a run is resumed; start a new run instead");
  }
  load_weights(checkpoint, *agent, changed);
  load(checkpoint);
}

void Training::collect() {
  wane::collect(*agent, memory, *batch, previous, settings.train.seed, rollout);
  const auto by_witness = [&](const auto& episode) { return memory.witnesses.has(episode.lane); };
  std::erase_if(rollout.finished, by_witness);
  std::erase_if(rollout.judged, by_witness);
}

UpdateReport Training::update() {
  std::int32_t span_limit = kNever;
  if (settings.expire_span.span_dropout) {
    const double u = uniform01(Purpose::span_dropout, settings.train.seed, 0, static_cast<std::uint64_t>(memory.now));
    span_limit = static_cast<std::int32_t>(u * settings.memory.max_span);
  }
  const UpdateReport report = wane::update(*agent, *optimiser, memory, rollout, forgetting, settings.a2c,
                                           schedule(settings, frames, falls_since), span_limit);
  frames += std::int64_t(rollout.envs) * rollout.steps;
  if (curriculum.difficulty() >= settings.expire_span.open_from) forgetting.observe(rollout.judged);
  if (curriculum.observe(rollout.judged)) batch->set_difficulty(curriculum.difficulty());
  if (falls_since < 0 && rates_fall(settings.optimiser, curriculum, forgetting)) falls_since = frames;
  {
    const Timed timed(Work::projecting);
    agent->memory().refresh(memory);
  }

  for (const auto field : kReportFields) sums.*field += report.*field;
  ++updates;
  episodes += static_cast<std::int64_t>(rollout.finished.size());
  recent.insert(recent.end(), rollout.finished.begin(), rollout.finished.end());
  while (recent.size() > kRecent) recent.pop_front();
  return report;
}

void Training::save(const std::filesystem::path& path) const {
  torch::serialize::OutputArchive archive;
  archive.write("settings", c10::IValue(write_settings(settings, false)));
  archive.write("fingerprint", c10::IValue(fingerprint(settings)));
  save_module(archive, "agent", *agent);
  save_module(archive, "optimiser", *optimiser);
  save_module(archive, "curriculum", curriculum);
  save_module(archive, "forgetting", forgetting);
  torch::serialize::OutputArchive slots;
  agent->memory().save(memory, slots);
  archive.write("memory", slots);
  write_bytes(archive, "worlds", batch->save());
  write_bytes(archive, "slipped", rollout.slipped);
  write_numbers(archive, "progress", {double(frames), double(falls_since), double(episodes), updates, best});
  std::vector<double> report, actions(previous.action.begin(), previous.action.end()),
      rewards(previous.reward.begin(), previous.reward.end());
  for (const auto field : kReportFields) report.push_back(sums.*field);
  write_numbers(archive, "report", report);
  write_numbers(archive, "previous_action", actions);
  write_numbers(archive, "previous_reward", rewards);
  std::vector<double> episode_fields;
  for (const auto& e : recent)
    episode_fields.insert(episode_fields.end(), {e.episode_return, double(e.length), double(e.size), e.success});
  write_numbers(archive, "recent", episode_fields);
  write_checkpoint(path, archive);
}

void Training::load(torch::serialize::InputArchive& archive) {
  if (const std::string saved = read_text(archive, "fingerprint"), now = fingerprint(settings); saved != now) {
    differs = "saved with " + saved + "; now " + now;
  }
  load_module(archive, "optimiser", *optimiser);
  load_module(archive, "curriculum", curriculum);
  load_module(archive, "forgetting", forgetting);
  torch::serialize::InputArchive slots;
  archive.read("memory", slots);
  memory = agent->memory().load(slots, settings.train.envs, settings.train.steps);
  make_ready(memory, settings);
  batch->load(read_bytes(archive, "worlds"));
  if (rollout.slip > 0) rollout.slipped = read_bytes(archive, "slipped");  // older checkpoints have none
  const auto progress = read_numbers(archive, "progress");
  frames = std::int64_t(progress.at(0));
  falls_since = std::int64_t(progress.at(1));
  if (settings.optimiser.fall_from == "start") falls_since = 0;  // checkpoints once held when the gate opened
  episodes = std::int64_t(progress.at(2));
  updates = progress.at(3);
  best = progress.at(4);
  const auto report = read_numbers(archive, "report");
  for (std::size_t i = 0; i < report.size(); ++i) sums.*kReportFields[i] = report[i];
  const auto actions = read_numbers(archive, "previous_action"), rewards = read_numbers(archive, "previous_reward");
  previous.action.assign(actions.begin(), actions.end());
  previous.reward.assign(rewards.begin(), rewards.end());
  const auto fields = read_numbers(archive, "recent");
  recent.clear();
  for (std::size_t i = 0; i + 3 < fields.size(); i += 4) {
    recent.push_back({0, float(fields[i]), int(fields[i + 1]), int(fields[i + 2]), float(fields[i + 3]), 0});
  }
}

LoadedAgent load_agent(const std::filesystem::path& path, std::span<const std::string> overrides) {
  torch::serialize::InputArchive archive = read_checkpoint(path, torch::kCPU);
  LoadedAgent loaded;
  const std::string saved = read_text(archive, "settings");
  loaded.settings = parse_settings(saved, path.string(), overrides);
  use_threads(loaded.settings);  // for the network; evaluate's worlds are stepped by one thread
  const auto changed = changed_keys(parse_settings(saved, path.string(), {}), loaded.settings);
  for (const auto& key : changed) {
    if (key.starts_with("world.") && key != "world.name") continue;
    if (key.starts_with("expire_span.") || key == "memory.storage" || key == "memory.compute") continue;
    throw Error(key +
                " (command line): only world.*, expire_span.*, memory.storage and memory.compute may differ from " +
                "the training");
  }
  const Batch one(find_world(loaded.settings.world.name), loaded.settings.world.values, 1, 0);
  loaded.agent = std::make_unique<Agent>(loaded.settings, Senses::of(one, loaded.settings.network), 0);
  load_weights(archive, *loaded.agent, changed);
  loaded.frames = std::int64_t(read_numbers(archive, "progress").at(0));
  return loaded;
}

}  // namespace wane
