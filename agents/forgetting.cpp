#include "agents/forgetting.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "agents/archive.h"

namespace wane {
namespace {

constexpr std::size_t kWindow = 800;  // episodes remembered, short ones included
constexpr std::size_t kJudged = 150;  // the last long ones of them decide
constexpr std::size_t kFewest = 100;  // fewer long ones decide nothing, until so few have been long in a whole window
constexpr double kLong = 0.75;        // of the greatest size seen

}  // namespace

void Forgetting::observe(std::span<const Batch::Episode> finished) {
  for (const auto& episode : finished) window_.emplace_back(episode.size, episode.success);
  while (window_.size() > kWindow) window_.pop_front();
  scarce_ += finished.size();
  judge();
  open_ = open_ || success() >= settings_.open_at;
}

void Forgetting::judge() {
  std::vector<int> sizes;
  for (const auto& [size, success] : window_) sizes.push_back(size);
  std::ranges::sort(sizes, std::greater());
  if (sizes.size() < kFewest) return;
  const int hundredth = sizes[kFewest - 1];
  double least = kLong * sizes.front();
  if (hundredth >= least) scarce_ = 0;
  else if (scarce_ >= kWindow) least = hundredth;  // a world in which few are nearly as long as the longest
  else return;
  double sum = 0;
  std::size_t judged = 0;
  for (auto it = window_.rbegin(); it != window_.rend() && judged < kJudged; ++it) {
    if (it->first < least) continue;
    sum += it->second;
    ++judged;
  }
  success_ = sum / static_cast<double>(judged);
}

bool Forgetting::pricing() const { return open_ && (!settings_.gate || success() >= settings_.open_at); }

bool Forgetting::restoring() const { return open_ && settings_.gate && success() < settings_.restore_at; }

torch::Tensor Forgetting::loss(const std::vector<LayerLosses>& layers) const {
  torch::Tensor sum;
  const SpanTeachers teachers = SpanTeachers::of(settings_);
  const auto add = [&](const torch::Tensor& term) { sum = sum.defined() ? sum + term : term; };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerLosses& layer = layers[l];
    const double reach_cost = settings_.reach_cost * static_cast<double>(layers.size() - 1 - l);
    if (reach_cost > 0 && layer.born.defined()) add(reach_cost * layer.reach);
    if (!open_) continue;
    if (layer.heads.defined() && pricing()) add(adaptive_.cost * layer.heads.mean());
    if (!layer.born.defined()) continue;
    if (teachers.need) {
      add(layer.need);
      if (pricing()) add(settings_.cost * (layer.born - std::log(settings_.least_span)).clamp_min(0).mean());
    }
    if (teachers.policy && pricing()) add(settings_.alpha * layer.charge);
    if (restoring()) add(settings_.restore * (std::log(settings_.first_span) - layer.born).clamp_min(0).mean());
  }
  return sum;
}

void Forgetting::save(torch::serialize::OutputArchive& archive) const {
  std::vector<double> sizes, successes;
  for (const auto& [size, success] : window_) {
    sizes.push_back(size);
    successes.push_back(success);
  }
  write_numbers(archive, "open", {open_ ? 1.0 : 0.0, success_, static_cast<double>(scarce_)});
  write_numbers(archive, "sizes", sizes);
  write_numbers(archive, "successes", successes);
}

void Forgetting::load(torch::serialize::InputArchive& archive) {
  const auto open = read_numbers(archive, "open");
  open_ = open.at(0) != 0;
  const auto sizes = read_numbers(archive, "sizes"), successes = read_numbers(archive, "successes");
  window_.clear();
  for (std::size_t i = 0; i < sizes.size(); ++i) window_.emplace_back(int(sizes[i]), float(successes.at(i)));
  success_ = open.size() > 1 ? open[1] : 0;
  scarce_ = open.size() > 2 ? static_cast<std::size_t>(open[2]) : 0;
  judge();  // checkpoints of before have the window alone
}

}  // namespace wane
