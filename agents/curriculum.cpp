#include "agents/curriculum.h"

#include <algorithm>
#include <numeric>

#include "agents/archive.h"

namespace wane {

bool Curriculum::observe(std::span<const Batch::Episode> finished) {
  if (full()) return false;
  for (const auto& episode : finished) window_.push_back(episode.success);
  while (window_.size() > std::size_t(settings_.episodes)) window_.pop_front();
  const double mean = std::accumulate(window_.begin(), window_.end(), 0.0) / settings_.episodes;
  if (window_.size() < std::size_t(settings_.episodes) || mean < settings_.success) return false;
  difficulty_ = std::min(1.0, difficulty_ * settings_.factor + settings_.add);
  window_.clear();
  return true;
}

void Curriculum::save(torch::serialize::OutputArchive& archive) const {
  write_numbers(archive, "difficulty", {difficulty_});
  write_numbers(archive, "window", {window_.begin(), window_.end()});
}

void Curriculum::load(torch::serialize::InputArchive& archive) {
  difficulty_ = read_numbers(archive, "difficulty").at(0);
  const auto window = read_numbers(archive, "window");
  window_.assign(window.begin(), window.end());
}

}  // namespace wane
