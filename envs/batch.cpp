#include "envs/batch.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <utility>

#include "configs/error.h"
#include "envs/world_values.h"

namespace wane {
namespace {

Error failure(const WaneWorldV1& world, const char* what) {
  return Error("world `" + std::string(world.id) + "`: " + what + ": " + world.last_error());
}

}  // namespace

WaneBatchOwner create_lanes(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs,
                            std::uint64_t run_seed, std::uint64_t first_lane) {
  check(envs >= 1, "a batch has at least one environment");
  const std::vector<double> checked = world_values(world, values);
  WaneBatchOwner lanes(world.create(checked.data(), envs, run_seed, first_lane), WaneBatchDestroy{world.destroy});
  if (!lanes) throw failure(world, "cannot be created");
  return lanes;
}

Batch::Batch(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs, std::uint64_t run_seed,
             Parallel parallel, std::uint64_t first_lane)
    : world_(&world), lanes_(create_lanes(world, values, envs, run_seed, first_lane)), parallel_(std::move(parallel)) {
  world.spec(lanes_.get(), &spec_);
  const auto count = static_cast<std::size_t>(envs);
  observations_.resize(count * static_cast<std::size_t>(spec_.cells));
  floats_.resize(count * static_cast<std::size_t>(spec_.floats));
  for (auto* buffer : {&terminated_, &truncated_}) buffer->resize(count);
  rewards_.resize(count);
  episodes_.resize(count);
  pieces_.resize(count);
  finished_.resize(count);
  reset_all();
}

WaneBuffersV1 Batch::buffers() {
  return {observations_.data(), floats_.data(),    rewards_.data(),
          terminated_.data(),   truncated_.data(), episodes_.data()};
}

/// Calls the world on all lanes, in the pieces that the host's pool makes. An exception must not cross the pool's
/// threads, and the world's error text belongs to the thread that failed, so the first text is kept and thrown here.
void Batch::over_lanes(int (*call)(Batch&, int, int)) {
  struct Pass {
    Batch& batch;
    int (*call)(Batch&, int, int);
    std::atomic<bool> failed = false;
    std::string text;
  } pass{*this, call, {}, {}};
  Pass* const shared = &pass;  // one pointer: std::function holds it without allocating
  parallel_(0, envs(), [shared](int begin, int end) {
    if (shared->call(shared->batch, begin, end) == 0) return;
    if (!shared->failed.exchange(true)) shared->text = shared->batch.world_->last_error();
  });
  if (pass.failed) throw Error("world `" + std::string(world_->id) + "`: " + pass.text);
}

void Batch::set_difficulty(float difficulty) {
  check(difficulty >= 0 && difficulty <= 1, "difficulty is 0..1");
  world_->set_difficulty(lanes_.get(), difficulty);
}

void Batch::reset_all() {
  over_lanes([](Batch& b, int begin, int end) {
    const WaneBuffersV1 to = b.buffers();
    return b.world_->reset(b.lanes_.get(), begin, end, &to);
  });
  finished_count_ = 0;
  awaits_reset_ = false;
}

void Batch::step(std::span<const std::int32_t> actions) {
  check(!awaits_reset_, "reset_done comes before the next step");
  check(actions.size() == rewards_.size(), "one action per environment");
  std::uint32_t most = 0;  // a negative action is a large one; all of them in one pass that vectorises
  for (const std::int32_t action : actions) most = std::max(most, static_cast<std::uint32_t>(action));
  check(most < static_cast<std::uint32_t>(spec_.actions), "actions are 0..A-1");
  step_actions_ = actions;
  over_lanes([](Batch& b, int begin, int end) {
    const WaneBuffersV1 to = b.buffers();
    const int result = b.world_->step(b.lanes_.get(), begin, end, b.step_actions_.data(), &to);
    b.list_finished(begin, end);
    return result;
  });
  join_finished();
  awaits_reset_ = finished_count_ > 0;
}

/// Each piece of lanes writes its own to finished_[begin..], eight flags at a time where none of eight is set: most
/// steps end few episodes.
void Batch::list_finished(int begin, int end) {
  const auto none_of_eight = [](const std::uint8_t* flags) {
    std::uint64_t all;
    std::memcpy(&all, flags, sizeof all);
    return all == 0;
  };
  const auto first = static_cast<std::size_t>(begin), last = static_cast<std::size_t>(end);
  std::size_t to = first;
  for (std::size_t i = first; i < last; ++i) {
    while (i + 8 <= last && none_of_eight(&terminated_[i]) && none_of_eight(&truncated_[i])) i += 8;
    if (i == last || !(terminated_[i] | truncated_[i])) continue;
    const WaneEpisodeV1& e = episodes_[i];
    finished_[to++] = {static_cast<int>(i), e.episode_return, e.length, e.size, e.success, e.seed};
  }
  pieces_[first] = {end, static_cast<int>(to - first)};
}

/// Closes the gaps between the pieces' lists.
void Batch::join_finished() {
  finished_count_ = 0;
  for (int begin = 0; begin < envs(); begin = pieces_[static_cast<std::size_t>(begin)].end) {
    const auto from = finished_.begin() + begin;
    const int count = pieces_[static_cast<std::size_t>(begin)].finished;
    if (static_cast<std::size_t>(begin) != finished_count_)
      std::copy(from, from + count, finished_.begin() + static_cast<std::ptrdiff_t>(finished_count_));
    finished_count_ += static_cast<std::size_t>(count);
  }
}

void Batch::reset_done() {
  if (!awaits_reset_) return;
  over_lanes([](Batch& b, int begin, int end) {
    const WaneBuffersV1 to = b.buffers();
    return b.world_->reset_done(b.lanes_.get(), begin, end, &to);
  });
  awaits_reset_ = false;
}

std::vector<std::uint8_t> Batch::save() const {
  std::vector<std::uint8_t> bytes(world_->save_size(lanes_.get()));
  if (world_->save(lanes_.get(), bytes.data(), bytes.size()) != 0) throw failure(*world_, "cannot be saved");
  return bytes;
}

void Batch::load(std::span<const std::uint8_t> bytes) {
  const WaneBuffersV1 to = buffers();
  if (world_->load(lanes_.get(), bytes.data(), bytes.size(), &to) != 0) throw failure(*world_, "cannot be loaded");
  finished_count_ = 0;
  awaits_reset_ = false;
  for (std::size_t i = 0; i < rewards_.size(); ++i) awaits_reset_ |= terminated_[i] || truncated_[i];
}

Picture Batch::picture(int lane) const {
  check(lane >= 0 && lane < envs(), "lane is 0..B-1");
  WanePictureV1 about{};
  if (world_->picture(lanes_.get(), lane, &about, nullptr, 0) != 0) throw failure(*world_, "has no picture");
  Picture picture(about.width, about.height);
  if (world_->picture(lanes_.get(), lane, &about, picture.tiles.data(), about.width * about.height) != 0)
    throw failure(*world_, "has no picture");
  picture.agent_x = about.agent_x;
  picture.agent_y = about.agent_y;
  return picture;
}

std::uint64_t Batch::episode_seed(int lane) const {
  check(lane >= 0 && lane < envs(), "lane is 0..B-1");
  return world_->episode_seed(lanes_.get(), lane);
}

void Batch::reset_to(int lane, std::uint64_t seed) {
  check(lane >= 0 && lane < envs(), "lane is 0..B-1");
  const WaneBuffersV1 to = buffers();
  if (world_->reset_to(lanes_.get(), lane, seed, &to) != 0) throw failure(*world_, "cannot be reset");
}

}  // namespace wane
