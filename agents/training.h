#pragma once
// Everything that a run is made of, and that a checkpoint holds: resuming continues bit for bit.
//
//   Training run(settings);
//   while (run.frames < settings.train.frames) {
//     run.collect();
//     UpdateReport report = run.update();
//   }
//   run.save(path);

#include <deque>
#include <filesystem>
#include <memory>

#include "agents/a2c.h"
#include "agents/curriculum.h"
#include "agents/evaluate.h"

namespace wane {

/// Which settings may differ from those that a checkpoint was saved with.
enum class Changes {
  of_resume,  // what `may_change_on_resume` allows: the run stays the same run
  any,        // whatever the checkpoint's tensors still fit
};

class Training {
 public:
  /// A run from its beginning. Throws Error for settings that do not fit the world, or a device that is not there.
  explicit Training(const Settings& settings);

  /// The run that `save` wrote. Throws Error where `settings` differ from the saved ones in more than `changes`.
  Training(const Settings& settings, torch::serialize::InputArchive& checkpoint, Changes changes);

  void collect();         // acts one block
  UpdateReport update();  // learns from it, moves curriculum and gate on, refreshes the memory

  /// What of this machine a bit-equal continuation depends on: LibTorch, threads, CPU, device.
  static std::string fingerprint(const Settings& settings);
  /// Where the saved run's fingerprint differs, it continues, but not bit-equal: says how. Empty where nothing differs.
  std::string differs;

  /// Atomically; between updates only. Throws Error where the disk does not take it.
  void save(const std::filesystem::path& path) const;

  Settings settings;
  std::int64_t frames = 0;
  std::int64_t falls_since = -1;  // frames at which the rates began to fall (optimiser.fall_from); -1 = not yet
  std::unique_ptr<Batch> batch;
  std::unique_ptr<Agent> agent;
  std::unique_ptr<Optimiser> optimiser;
  MemoryState memory;
  Previous previous;
  Rollout rollout;
  Curriculum curriculum;
  Forgetting forgetting;
  std::deque<Batch::Episode> recent;  // the last 100 finished, for the log
  std::int64_t episodes = 0;
  UpdateReport sums;   // over the updates since the last row of the log
  double updates = 0;  // their number
  double best = -1;    // rank of the best evaluation so far, see apps/train.cpp

 private:
  void load(torch::serialize::InputArchive& checkpoint);  // all but the weights
};

/// Settings and agent of a checkpoint, for evaluating and watching. `overrides` may change world.*, expire_span.*,
/// memory.storage and memory.compute, else Error.
struct LoadedAgent {
  Settings settings;
  std::int64_t frames;
  std::unique_ptr<Agent> agent;
};
LoadedAgent load_agent(const std::filesystem::path& checkpoint, std::span<const std::string> overrides);

/// "cpu", or "cuda" where LibTorch finds one; else Error saying why not.
torch::Device find_device(const std::string& name);

}  // namespace wane
