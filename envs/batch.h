#pragma once
// B worlds of one kind stepped together: the only way in which the rest of the program meets a world.
//
//   Batch batch(find_world("corridor"), settings.world.values, 32, settings.train.seed);
//   for (;;) {
//     batch.step(actions);                       // every buffer now holds the true successor, of finished lanes too
//     use(batch.observations(), batch.rewards(), batch.terminated(), batch.truncated(), batch.finished());
//     batch.reset_done();                        // finished lanes start anew; nothing but their views changes
//   }
//
// B is envs(), a lane one of them. Spans are views into the batch: valid as long as it lives (moving it keeps them
// valid), overwritten by the next call. Steps allocate nothing. Not done here: normalising, previous actions, tensors
// (agents/). Bad input throws Error; calls in the wrong order and actions outside 0..A-1 are bugs and hit `check`.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "configs/settings.h"
#include "envs/wane_world.h"
#include "envs/world.h"

namespace wane {

/// Runs `body(begin, end)` on pieces that cover begin..end-1, on whatever threads; returns when all are done. Results
/// never depend on the pieces.
using Parallel = std::function<void(int begin, int end, const std::function<void(int, int)>& body)>;
inline void serial(int begin, int end, const std::function<void(int, int)>& body) { body(begin, end); }

/// A world's own batch, destroyed by the table that made it.
struct WaneBatchDestroy {
  void (*destroy)(WaneBatch*);
  void operator()(WaneBatch* batch) const { destroy(batch); }
};
using WaneBatchOwner = std::unique_ptr<WaneBatch, WaneBatchDestroy>;

/// `values` are checked against the world's own settings (world_values.h); throws Error where they, or the world
/// itself, refuse.
WaneBatchOwner create_lanes(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs,
                            std::uint64_t run_seed, std::uint64_t first_lane);

class Batch {
 public:
  /// A finished episode. World, settings, difficulty, `seed` and the actions give it again (see `reset_to`).
  struct Episode {
    int lane;
    float episode_return;  // sum of rewards, undiscounted
    int length;            // steps
    int size;              // what "success by length" is sorted by
    float success;         // 0..1; most worlds know only 0 and 1
    std::uint64_t seed;
  };

  /// Starts episode 0 of every lane at difficulty 1. Lane i draws the episodes of lane `first_lane + i` of the run, so
  /// that several batches of one run share none.
  Batch(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs, std::uint64_t run_seed,
        Parallel parallel = serial, std::uint64_t first_lane = 0);

  int envs() const { return static_cast<int>(rewards_.size()); }  // B
  int cells() const { return spec_.cells; }                       // symbol codes per observation
  int codes() const { return spec_.codes; }                       // each of them is 0..codes()-1
  int floats_per_env() const { return spec_.floats; }             // plain numbers per observation, besides
  int actions() const { return spec_.actions; }                   // A
  std::span<const char* const> action_names() const {
    return {spec_.action_names, static_cast<std::size_t>(spec_.actions)};
  }
  const WaneWorldV1& world() const { return *world_; }

  void set_difficulty(float difficulty);  // 0..1; episodes that start from now on
  void reset_all();  // breaks off every episode and starts each lane's next one; clears flags and finished()
  void step(std::span<const std::int32_t> actions);  // (B), 0..A-1. Finished lanes must have been reset before
  void reset_done();  // rewards, flags and finished() stay as they are until the next step

  std::span<const std::uint8_t> observations() const { return observations_; }  // (B, cells)
  std::span<const float> floats() const { return floats_; }                     // (B, floats_per_env)
  std::span<const float> rewards() const { return rewards_; }                   // (B)
  std::span<const std::uint8_t> terminated() const { return terminated_; }      // (B) 0 or 1
  std::span<const std::uint8_t> truncated() const { return truncated_; }        // (B) 0 or 1, never where terminated is
  std::span<const Episode> finished() const {
    return std::span(finished_).first(finished_count_);
  }  // of the last step, by lane

  /// A snapshot, between any two calls, mid-episode too; good for the same build, settings and B. `load` restores
  /// episodes, their counts, difficulty, seed, observations and flags; rewards are 0 and finished() is empty. Throws
  /// Error when `bytes` is of something else.
  std::vector<std::uint8_t> save() const;
  void load(std::span<const std::uint8_t> bytes);

  Picture picture(int lane) const;
  std::uint64_t episode_seed(int lane) const;   // of the episode under way
  void reset_to(int lane, std::uint64_t seed);  // starts this very episode there; the lane's own count goes on after it

 private:
  void over_lanes(int (*call)(Batch&, int begin, int end));
  WaneBuffersV1 buffers();
  void list_finished(int begin, int end);
  void join_finished();

  const WaneWorldV1* world_;
  WaneBatchOwner lanes_;
  WaneSpecV1 spec_{};
  Parallel parallel_;
  std::vector<std::uint8_t> observations_, terminated_, truncated_;
  std::vector<float> floats_, rewards_;
  std::vector<WaneEpisodeV1> episodes_;
  struct Piece {
    int end, finished;  // half-open; how many of its lanes ended
  };
  std::vector<Piece> pieces_;      // of the step under way, each at its first lane
  std::vector<Episode> finished_;  // (B), of which the first finished_count_ count
  std::size_t finished_count_ = 0;
  std::span<const std::int32_t> step_actions_;  // of the step under way
  bool awaits_reset_ = false;                   // some lane has finished and not been reset
};

}  // namespace wane
