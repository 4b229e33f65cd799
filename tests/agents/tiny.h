#pragma once
// Runs so small that a test takes a moment, and what several tests ask of them.
//
//   const Settings settings = tiny({"memory.kind=none", "train.envs=4"});
//   Acting acting(settings);  // a world, an untrained agent and its memory
//   acting.collect();

#include <gtest/gtest.h>
#include <torch/serialize/archive.h>

#include <filesystem>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "agents/training.h"
#include "configs/error.h"
#include "envs/registry.h"

namespace wane {

/// The corridor of 2..4 cells, one narrow layer, 8 environments x 8 steps; later overrides win.
Settings tiny(const std::vector<std::string>& overrides = {});

/// What `Training` has before it learns, in the open: for tests of acting alone. Weights stay as drawn.
struct Acting {
  explicit Acting(const Settings& settings);
  void collect();     // into `rollout`; `memory` then holds the recorded block
  void next_block();  // refresh

  Settings settings;
  Batch batch;
  Agent agent;
  MemoryState memory;
  Previous previous;
  Rollout rollout;
};

/// One environment's observation, (1, C) and (1, F).
Observation sense_alone(const Senses& senses, const Batch& batch, const Previous& previous, int lane);

/// `Agent::step` with a moment of its own.
Decision step(const Agent& agent, MemoryState& memory, const Observation& seen);

/// An agent's parameters under their names, copied.
std::vector<std::pair<std::string, torch::Tensor>> weights(const Agent& agent);

/// Equal to the last bit.
bool same(const torch::Tensor& a, const torch::Tensor& b);

/// The message of the Error that `body` throws; "" for none.
template <class Body>
std::string error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Gives `into` what a checkpoint keeps of `from`.
template <class Saved>
void pass_on(const Saved& from, Saved& into) {
  torch::serialize::OutputArchive out;
  from.save(out);
  std::stringstream bytes;
  out.save_to(bytes);
  torch::serialize::InputArchive in;
  in.load_from(bytes);
  into.load(in);
}

/// A folder of this test's own, gone with it.
class Folder {
 public:
  Folder();
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string bytes_of(const std::filesystem::path& path);

}  // namespace wane
