#include "agents/recording.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "configs/error.h"
#include "envs/registry.h"
#include "memory/slot_edits.h"

namespace wane {
namespace {

constexpr std::array<std::int32_t, 1> kLane = {0};

std::vector<float> probabilities_of(const Decision& decision) {
  const auto p = torch::softmax(decision.logits[0], -1).contiguous();
  return {p.const_data_ptr<float>(), p.const_data_ptr<float>() + p.numel()};
}

float entropy_of(const std::vector<float>& probabilities) {
  float sum = 0;
  for (const float p : probabilities) sum -= p > 0 ? p * std::log(p) : 0;
  return sum;
}

std::vector<std::int64_t> births(const SlotTable& table) {
  std::vector<std::int64_t> all;
  for (const std::int32_t row : table.live[0]) all.push_back(table.birth[static_cast<std::size_t>(row)]);
  return all;
}

}  // namespace

Recording::Recording(const LoadedAgent& loaded, std::uint64_t seed, const Options& options)
    : loaded_(&loaded), seed_(seed), options_(options),
      batch_(find_world(loaded.settings.world.name), loaded.settings.world.values, 1, 0),
      memory_(loaded.agent->memory().begin(1, kEvery)), moment_(loaded.agent->moment(1)) {
  batch_.set_difficulty(options.difficulty);
  batch_.reset_to(0, seed);
}

bool Recording::advance() {
  const bool scripted = !options_.script.empty() && edits_.empty();
  if (ended() || (scripted && length() >= std::ssize(options_.script))) return false;
  go_to(length());
  if (at_ % kEvery == 0 && at_ / kEvery == static_cast<int>(snapshots_.size()))
    snapshots_.push_back({batch_.save(), copy_of(memory_), previous_});
  look();
  RecordedStep step{};
  step.probabilities = probabilities_of(moment_.decision);
  step.entropy = entropy_of(step.probabilities);
  step.value = moment_.decision.value[0].item<float>();
  const Picture picture = batch_.picture(0);
  step.agent_x = picture.agent_x;
  step.agent_y = picture.agent_y;
  for (const SlotTable& table : memory_.layers) step.live.push_back(table.seen[0]);
  step.died = died_;
  std::array<std::int32_t, 1> action{};
  if (const auto given = forced(at_)) action[0] = *given;
  else if (options_.greedy) choose_greedily(moment_.decision.logits, action);
  else choose(moment_.decision.logits, Purpose::evaluation, seed_, static_cast<std::uint64_t>(at_), action);
  step.action = action[0];
  act(action[0]);
  step.reward = batch_.rewards()[0];
  steps_.push_back(std::move(step));
  if (!batch_.finished().empty()) episode_ = batch_.finished().front();
  return true;
}

std::optional<std::int32_t> Recording::forced(int step) const {
  for (auto edit = edits_.rbegin(); edit != edits_.rend(); ++edit)
    if (edit->kind == Edit::action && edit->step == step) return edit->act;
  const bool own = edits_.empty() || step < edits_.front().step;  // after an edit the policy is asked
  if (own && step < std::ssize(options_.script)) return options_.script[static_cast<std::size_t>(step)];
  return std::nullopt;
}

void Recording::look() {
  if (looked_) return;
  for (const Edit& edit : edits_)
    if (edit.step == at_) apply(edit);
  const torch::NoGradGuard no_gradients;
  std::vector<std::vector<std::int64_t>> before;
  for (const SlotTable& table : memory_.layers) before.push_back(births(table));
  observe(loaded_->agent->senses(), batch_, previous_, kLane, moment_.seen);
  loaded_->agent->step(memory_, moment_);
  died_.clear();
  for (std::size_t l = 0; l < before.size(); ++l) {
    const auto after = births(memory_.layers[l]);
    died_.emplace_back();
    std::set_difference(before[l].begin(), before[l].end(), after.begin(), after.end(), std::back_inserter(died_[l]));
  }
  looked_ = true;
}

void Recording::act(int action) {
  const std::array<std::int32_t, 1> actions{action};
  batch_.step(actions);
  previous_.remember(actions, batch_.rewards());
  ++at_;
  looked_ = false;
}

void Recording::apply(const Edit& edit) {
  if (edit.kind == Edit::erase) erase_slot(memory_.layers.at(static_cast<std::size_t>(edit.layer)), 0, edit.birth);
  if (edit.kind == Edit::pin) pin_slot(memory_.layers.at(static_cast<std::size_t>(edit.layer)), 0, edit.birth);
  if (edit.kind == Edit::transplant) memory_ = copy_of(edit.memory);
}

void Recording::restore(int step) {
  const auto index = static_cast<std::size_t>(step / kEvery);
  const Snapshot& snapshot = snapshots_.at(std::min(index, snapshots_.size() - 1));
  at_ = static_cast<int>(std::min(index, snapshots_.size() - 1)) * kEvery;
  batch_.load(snapshot.world);
  memory_ = copy_of(snapshot.memory);
  previous_ = snapshot.previous;
  looked_ = false;
}

void Recording::go_to(int step) {
  if (step == at_ && !looked_) return;
  if (step <= at_ || step - at_ > kEvery) restore(step);
  while (at_ < step) {
    look();
    act(steps_[static_cast<std::size_t>(at_)].action);
  }
}

Frame Recording::at(int step) {
  check(step >= 0 && step <= length() && (step < length() || ended()), "a moment of what was recorded");
  if (step != at_ || !looked_) go_to(step);
  Frame frame{step, batch_.picture(0), {}, 0, 0, {}};
  if (step < length()) {
    look();
    const RecordedStep& recorded = steps_[static_cast<std::size_t>(step)];
    frame.probabilities = recorded.probabilities;
    frame.value = recorded.value;
    frame.entropy = recorded.entropy;
  }
  frame.layers = loaded_->agent->memory().inspect(memory_, 0);
  return frame;
}

MemoryState Recording::memory_before(int step) {
  check(step >= 0 && step < length(), "a step of what was recorded");
  go_to(step);
  return copy_of(memory_);
}

Recording Recording::what_if(Edit edit) {
  if (edit.step < 0 || edit.step > length() || (ended() && edit.step == length()))
    throw Error("what if: the episode has no step " + std::to_string(edit.step));
  if (edit.kind == Edit::action && (edit.act < 0 || edit.act >= batch_.actions()))
    throw Error("what if: there is no action " + std::to_string(edit.act));
  go_to(edit.step);
  if (edit.kind == Edit::erase || edit.kind == Edit::pin) {
    const bool layer = edit.layer >= 0 && edit.layer < static_cast<int>(memory_.layers.size());
    const auto alive =
        layer ? births(memory_.layers[static_cast<std::size_t>(edit.layer)]) : std::vector<std::int64_t>();
    if (!std::binary_search(alive.begin(), alive.end(), edit.birth))
      throw Error("what if: layer " + std::to_string(edit.layer) + " has no slot of step " +
                  std::to_string(edit.birth) + " then");
  }
  if (edit.kind == Edit::transplant &&
      (edit.memory.envs != 1 || edit.memory.block != kEvery || edit.memory.layers.size() != memory_.layers.size() ||
       edit.memory.now != memory_.now))
    throw Error("what if: a memory is transplanted from another recording of the same agent, at the same step");
  Recording other(*loaded_, seed_, options_);
  other.steps_.assign(steps_.begin(), steps_.begin() + edit.step);
  for (const Edit& before : edits_)
    if (before.step <= edit.step) other.edits_.push_back(before);
  const int whole = edit.step / kEvery + (edit.step % kEvery ? 1 : 0);  // snapshots taken before the edit
  other.snapshots_.assign(snapshots_.begin(),
                          snapshots_.begin() + std::min<std::ptrdiff_t>(whole, std::ssize(snapshots_)));
  other.edits_.push_back(std::move(edit));
  if (!other.snapshots_.empty()) other.restore(other.length());
  return other;
}

std::vector<Recording::Weight> Recording::weigh(int step, int most) {
  const Frame frame = at(step);
  struct Seen {
    int layer;
    std::int64_t birth;
    float attention;
  };
  std::vector<Seen> seen;
  for (std::size_t l = 0; l < frame.layers.size(); ++l) {
    for (const SlotView& slot : frame.layers[l]) {
      if (slot.birth == step) continue;
      seen.push_back({int(l), slot.birth, *std::max_element(slot.attention.begin(), slot.attention.end())});
    }
  }
  std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.attention > b.attention; });
  if (std::ssize(seen) > most) seen.resize(static_cast<std::size_t>(most));
  std::vector<Weight> weights;
  for (const Seen& slot : seen) {
    Recording other = what_if({.kind = Edit::erase, .step = step, .layer = slot.layer, .birth = slot.birth});
    other.advance();
    float moved = 0;
    for (std::size_t a = 0; a < frame.probabilities.size(); ++a)
      moved += std::abs(other.steps().back().probabilities[a] - frame.probabilities[a]) / 2;
    weights.push_back({slot.layer, slot.birth, moved});
  }
  std::stable_sort(weights.begin(), weights.end(), [](const Weight& a, const Weight& b) { return a.moved > b.moved; });
  return weights;
}

}  // namespace wane
