#include "apps/viewer/watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/viewer/layout.h"
#include "configs/error.h"

namespace wane::viewer {
namespace {

constexpr int kMostTwins = 64;  // episodes tried before giving up on one that begins otherwise

const SlotView* find(const std::vector<SlotView>& slots, std::int64_t birth) {
  const auto at = std::find_if(slots.begin(), slots.end(), [&](const SlotView& slot) { return slot.birth == birth; });
  return at == slots.end() ? nullptr : &*at;
}

}  // namespace

Watch::Watch(const LoadedAgent& loaded, const WatchOptions& options)
    : loaded_(&loaded), options_(options), episode_(begin(0)), frame_{0, Picture(1, 1), {}, 0, 0, {}} {
  go_to(0);
}

Recording Watch::begin(int number) const {
  return Recording(*loaded_, episode_seed(options_.seed, 0, static_cast<std::uint64_t>(number)),
                   {.greedy = options_.greedy, .difficulty = options_.difficulty});
}

Recording Watch::begin(const LiveEpisode& live) const {
  return Recording(*loaded_, live.seed,
                   {.greedy = options_.greedy, .difficulty = live.difficulty, .script = live.actions});
}

std::optional<Recording> Watch::other_episode(int i) const {
  if (!live()) return begin(number_ + i);
  const int number = number_ - i;
  return number < 0 ? std::nullopt : std::optional(begin(list_[std::size_t(number)].live));
}

std::string Watch::title() const {
  if (!live()) return fmt::format("episode {}", number_);
  return fmt::format("environment 0, {} episode, weights of {:.2f} M frames", at_newest() ? "its newest" : "an earlier",
                     1e-6 * double(frames_));
}

bool Watch::at_end() const {
  if (!live() || !at_newest() || other_) return false;
  return step() >= (episode_.ended() ? episode_.length() : int(newest_.actions.size()) - 1);
}

void Watch::follow(const LiveEpisode& live) {
  const int at = this->live() && !other_ && live.seed == newest_.seed ? step() : 0;
  load_weights(live, *loaded_->agent);
  if (!this->live()) list_.clear();
  frames_ = live.frames;
  newest_ = live;
  newest_.weights.clear();
  other_.reset();
  select_none();
  said_.clear();
  number_ = int(list_.size());
  episode_ = begin(newest_);
  while (live.ended && episode_.advance()) {
  }
  if (const auto& end = episode_.episode())
    list_.push_back({number_, end->length, end->episode_return, end->success, "", newest_});
  go_to(at);
}

void Watch::start_episode(int number) {
  if (live()) {
    if (list_.empty()) return;
    number = std::min(number, int(list_.size()) - 1);
  }
  number_ = std::max(0, number);
  other_.reset();
  select_none();
  said_.clear();
  episode_ = live() ? begin(list_[std::size_t(number_)].live) : begin(number_);
  go_to(0);
}

void Watch::go_to(int step) {
  Recording& shown = other_ ? *other_ : episode_;
  while (shown.length() <= std::max(step, 0) && shown.advance()) {
  }
  look(std::clamp(step, 0, shown.ended() ? shown.length() : shown.length() - 1));
}

void Watch::look(int step) {
  frame_ = (other_ ? *other_ : episode_).at(step);
  undisturbed_.reset();
  if (other_) {
    while (episode_.length() <= step && episode_.advance()) {
    }
    if (step < episode_.length()) undisturbed_ = episode_.at(step);
  }
}

void Watch::select(int layer, std::int64_t birth) {
  selected_ = Selected{layer, birth};
  Recording& shown = other_ ? *other_ : episode_;
  selected_frame_ = birth >= 0 && birth < shown.length() ? std::optional(shown.at(int(birth))) : std::nullopt;
}

void Watch::change(Edit edit, const std::string& what) {
  const int step = edit.step;
  try {
    Recording next = (other_ ? *other_ : episode_).what_if(std::move(edit));
    other_.emplace(std::move(next));
  } catch (const Error& error) {
    said_ = error.what();
    return;
  }
  said_ = what;
  go_to(step);
}

void Watch::erase() {
  if (!selected_) return void(said_ = "select a slot first: click a bar, or Tab");
  const Selected slot = *selected_;
  change({.kind = Edit::erase, .step = step(), .layer = slot.layer, .birth = slot.birth},
         fmt::format("without the slot of step {}, from step {} on", slot.birth, step()));
}

void Watch::pin() {
  if (!selected_) return void(said_ = "select a slot first: click a bar, or Tab");
  const Selected slot = *selected_;
  change({.kind = Edit::pin, .step = step(), .layer = slot.layer, .birth = slot.birth},
         fmt::format("the slot of step {} cannot expire, from step {} on", slot.birth, step()));
}

void Watch::transplant() {
  const auto first = [](Recording& recording) {
    recording.advance();
    const auto seen = recording.at(0).picture.tiles;
    std::vector<std::uint32_t> colours;
    for (const auto& tile : seen) colours.push_back(tile.in_view ? tile.colour : 0);
    return colours;
  };
  Recording own = !live() ? begin(number_) : begin(at_newest() ? newest_ : list_[std::size_t(number_)].live);
  const auto mine = first(own);
  const int at = step();
  for (int i = 1; i <= kMostTwins; ++i) {
    std::optional<Recording> twin = other_episode(i);
    if (!twin) break;
    if (first(*twin) == mine) continue;
    while (twin->length() <= at && twin->advance()) {
    }
    if (twin->length() <= at) continue;
    return change({.kind = Edit::transplant, .step = at, .memory = twin->memory_before(at)},
                  fmt::format("with the memory of episode {}, from step {} on", number_ + (live() ? -i : i), at));
  }
  said_ = fmt::format("none of the other episodes tried begins otherwise and lasts until step {}", at);
}

void Watch::act(int action) {
  if (shown().ended() && step() >= shown().length()) return;
  const int at = step();
  change({.kind = Edit::action, .step = at, .act = action},
         fmt::format("{} at step {}, by hand", shown().batch().action_names()[std::size_t(action)], at));
  forward(1);
}

void Watch::back() {
  if (!other_) return;
  const int at = step();
  other_.reset();
  said_ = "back to the recorded run";
  go_to(at);
}

std::optional<std::int64_t> Watch::decisive() const {
  int won = 0;
  auto most = decisive_.begin();
  for (auto at = decisive_.begin(); at != decisive_.end(); ++at) {
    won += at->second;
    if (at->second > most->second) most = at;
  }
  if (won < 2 || 2 * most->second <= won) return std::nullopt;
  return most->first;
}

void Watch::list_one() {
  const int number = static_cast<int>(list_.size());
  Recording episode = begin(number);
  while (episode.advance()) {
  }
  EpisodeRow row{number, episode.length(), episode.episode()->episode_return, episode.episode()->success, ""};
  const Frame end = episode.at(episode.length() - 1);
  if (row.success >= 1) {
    if (const auto weights = episode.weigh(episode.length() - 1); !weights.empty()) ++decisive_[weights[0].birth];
  } else if (const auto birth = decisive()) {
    row.fate = fmt::format("the slot of step {} was never made", *birth);
    for (std::size_t l = 0; l < end.layers.size(); ++l) {
      if (const SlotView* slot = find(end.layers[l], *birth)) {
        row.fate = fmt::format("the slot of step {} lived, attention {:.2f}", *birth, greatest_attention(*slot));
        break;
      }
      for (int t = 0; t < episode.length(); ++t) {
        const auto& died = episode.steps()[std::size_t(t)].died[l];
        if (std::find(died.begin(), died.end(), *birth) != died.end())
          row.fate = fmt::format("the slot of step {} died at step {}", *birth, t);
      }
    }
  }
  list_.push_back(std::move(row));
}

}  // namespace wane::viewer
