#pragma once
// The folder of a run: config.yaml, progress.csv, TensorBoard's events, checkpoints/latest|best|<frames>.

#include <filesystem>
#include <memory>
#include <string>

#include "configs/settings.h"

namespace wane {

struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path config() const { return path / "config.yaml"; }
  std::filesystem::path checkpoint(const std::string& name) const { return path / "checkpoints" / name; }

  /// Makes the folder of a new run: `wanted`, or runs/{world}__{memory}__{seed}__{time} where that is empty. Throws
  /// Error where there is a run already.
  static RunFolder create(const Settings& settings, const std::string& wanted);

  /// The folder of a run that is there. Throws Error where it is none.
  static RunFolder open(const std::string& path);

  /// Keeps others from training in it while what is returned lives; the kernel lets go however the process ends. Throws
  /// Error where another process is training in it.
  std::shared_ptr<const void> hold() const;
};

/// The checkpoint that a user means: the file itself, or a run folder's `latest`. Throws Error where there is neither.
std::filesystem::path find_checkpoint(const std::string& run_or_checkpoint);

}  // namespace wane
