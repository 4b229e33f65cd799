#pragma once
// Raises a world's difficulty when the agent succeeds at the present one. Difficulty is the world's own number in 0..1;
// what it means is the world's business. It changes between rollouts only.

#include <torch/serialize/archive.h>

#include <deque>

#include "configs/settings.h"
#include "envs/batch.h"

namespace wane {

class Curriculum {
 public:
  explicit Curriculum(const CurriculumSettings& settings) : settings_(settings), difficulty_(settings.start) {}

  /// Takes in finished episodes. True when the difficulty rose: it then counts anew, `settings.episodes` at least.
  bool observe(std::span<const Batch::Episode> finished);

  float difficulty() const { return static_cast<float>(difficulty_); }
  bool full() const { return difficulty_ >= 1; }

  void save(torch::serialize::OutputArchive& archive) const;
  void load(torch::serialize::InputArchive& archive);

 private:
  CurriculumSettings settings_;
  double difficulty_;
  std::deque<float> window_;  // success of the last episodes at this difficulty
};

}  // namespace wane
