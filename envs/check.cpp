#include "envs/check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <thread>

#include "configs/error.h"
#include "envs/allocations.h"
#include "envs/player.h"

namespace wane {
namespace {

using Values = std::span<const WorldSetting>;

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

constexpr std::uint64_t kSeeds[] = {1, 2, 3, 0xFFFFFFFFFFFFFFFF, 77, 1ull << 40, 12345};
constexpr int kMostSteps = 200;        // that an episode is followed
constexpr std::uint64_t kOthers = 99;  // seed of the actions where any will do

void play(Batch& batch, std::uint64_t from, std::uint64_t steps) {
  for (std::uint64_t t = from; t < from + steps; ++t) {
    batch.step(random_actions(batch, kOthers, t));
    batch.reset_done();
  }
}

/// The episode `seed` with the actions that belong to it, alone.
std::vector<Seen> play_alone(const WaneWorldV1& world, Values settings, std::uint64_t seed, float difficulty) {
  Player player(world, settings, seed, difficulty);
  std::vector<Seen> trace{player.last};
  for (std::uint64_t t = 0; t < kMostSteps && !player.ended(); ++t)
    trace.push_back(player.step(random_action(player.batch(), seed, 0, t)));
  return trace;
}

/// The same episodes in other lanes of a larger batch, among other lanes' episodes, after other episodes, on threads.
std::string determinism(const WaneWorldV1& world, Values settings) {
  constexpr int kLanes = 10;
  for (const float difficulty : {1.f, 0.3f}) {
    Batch batch(world, settings, kLanes, 555, on_threads(2));
    play(batch, 0, 50);
    batch.set_difficulty(difficulty);
    std::vector<std::vector<Seen>> traces(std::size(kSeeds));
    const auto lane_of = [](std::size_t k) { return kLanes - 1 - static_cast<int>(k); };
    for (std::size_t k = 0; k < std::size(kSeeds); ++k) {
      batch.reset_to(lane_of(k), kSeeds[k]);
      traces[k].push_back(seen(batch, lane_of(k)));
    }
    const auto running = [&](std::size_t k) { return !traces[k].back().terminated && !traces[k].back().truncated; };
    for (std::uint64_t t = 0; t < kMostSteps; ++t) {
      std::vector<std::int32_t> actions = random_actions(batch, kOthers, t);
      for (std::size_t k = 0; k < std::size(kSeeds); ++k)
        actions[static_cast<std::size_t>(lane_of(k))] = random_action(batch, kSeeds[k], 0, t);
      batch.step(actions);
      for (std::size_t k = 0; k < std::size(kSeeds); ++k)
        if (running(k)) traces[k].push_back(seen(batch, lane_of(k)));
      batch.reset_done();
    }
    for (std::size_t k = 0; k < std::size(kSeeds); ++k)
      if (traces[k] != play_alone(world, settings, kSeeds[k], difficulty))
        return text("episode ", kSeeds[k], " at difficulty ", difficulty,
                    " depends on lane, batch, threads or earlier episodes");
  }
  return "";
}

std::string bounds(const WaneWorldV1& world, Values settings) { return play_at_random(world, settings, 64 * 400); }

/// Whatever one does for ever, an episode ends.
std::string ends(const WaneWorldV1& world, Values settings) {
  constexpr int kPatience = 5'000'000;  // the longest corridor takes four million
  for (int action = 0; action < Batch(world, settings, 1, 0).actions(); ++action) {
    Player player(world, settings, 8);
    for (int t = 0; t < kPatience && !player.ended(); ++t) player.step(action);
    if (!player.ended()) return text("action ", action, " for ever: no end after ", kPatience, " steps");
  }
  return "";
}

/// step keeps the true successor of finished lanes; reset_done changes their observations and nothing else.
std::string resets(const WaneWorldV1& world, Values settings) {
  constexpr std::uint64_t kRun = 21, kFirstLane = 5;
  Batch batch(world, settings, 12, kRun, serial, kFirstLane);
  std::vector<std::uint64_t> episodes(12, 0);
  for (int i = 0; i < 12; ++i)
    if (batch.episode_seed(i) != episode_seed(kRun, kFirstLane + static_cast<std::uint64_t>(i), 0))
      return "the first episode has another seed";
  for (std::uint64_t t = 0; t < 1500; ++t) {
    batch.step(random_actions(batch, kOthers, t));
    std::vector<Seen> before;
    for (int i = 0; i < 12; ++i) before.push_back(seen(batch, i));
    std::set<int> finished;
    for (const Batch::Episode& e : batch.finished()) {
      finished.insert(e.lane);
      if (e.seed != batch.episode_seed(e.lane)) return "an episode reports another seed than its own";
    }
    batch.reset_done();
    for (int i = 0; i < 12; ++i) {
      const auto lane = static_cast<std::size_t>(i);
      Seen after = seen(batch, i);
      if (finished.count(i)) {
        if (batch.episode_seed(i) != episode_seed(kRun, kFirstLane + lane, ++episodes[lane]))
          return "a next episode has the wrong seed";
        const Player fresh(world, settings, batch.episode_seed(i));
        if (after.view != fresh.last.view || after.floats != fresh.last.floats)
          return "after reset_done a lane does not show its next episode's start";
        after.view = before[lane].view;
        after.floats = before[lane].floats;
      }
      if (after != before[lane]) return "reset_done touched more than the observations of finished lanes";
    }
  }
  return "";
}

std::string snapshot(const WaneWorldV1& world, Values settings) {
  Batch one(world, settings, 9, 1), other(world, settings, 9, 2);
  one.set_difficulty(0.7f);
  play(one, 0, 137);
  play(other, 0, 11);
  one.step(random_actions(one, kOthers, 137));  // saved before reset_done, with finished lanes in it
  const std::vector<std::uint8_t> bytes = one.save();
  other.load(bytes);
  if (other.save() != bytes) return "saving what was loaded gives other bytes";
  for (int i = 0; i < 9; ++i) {
    Seen before = seen(one, i), loaded = seen(other, i);
    before.reward = loaded.reward = 0;
    if (before != loaded) return "load does not show what was there when it was saved";
  }
  for (std::uint64_t t = 138; t < 600; ++t) {
    for (Batch* batch : {&one, &other}) {
      batch->reset_done();
      batch->step(random_actions(*batch, kOthers, t));
    }
    for (int i = 0; i < 9; ++i)
      if (seen(one, i) != seen(other, i)) return "after load it goes on differently";
    if (one.finished().size() != other.finished().size()) return "after load other episodes finish";
    for (std::size_t k = 0; k < one.finished().size(); ++k) {
      const Batch::Episode &a = one.finished()[k], &b = other.finished()[k];
      if (a.lane != b.lane || a.seed != b.seed || a.length != b.length || a.episode_return != b.episode_return ||
          a.success != b.success)
        return "after load episodes are reported differently";
    }
  }
  if (one.save() != other.save()) return "after load and 462 steps the snapshots differ";
  std::vector<std::uint8_t> cut(bytes.begin(), bytes.end() - 1);
  try {
    other.load(cut);
  } catch (const Error&) {
    return "";
  }
  return "a snapshot that lacks a byte was accepted";
}

std::string allocates_nothing(const WaneWorldV1& world, Values settings) {
  Batch batch(world, settings, 32, 6);
  std::vector<std::vector<std::int32_t>> actions;
  for (std::uint64_t t = 0; t < 500; ++t) actions.push_back(random_actions(batch, kOthers, t));
  const long before = allocations();
  for (int round = 0; round < 4; ++round)
    for (const auto& a : actions) {
      batch.step(a);
      batch.reset_done();
    }
  const long made = allocations() - before;
  return made == 0 ? "" : text(made, " allocations in ", 4 * actions.size(), " steps of 32 environments");
}

std::string picture(const WaneWorldV1& world, Values settings) {
  Batch batch(world, settings, 3, 4);
  batch.set_difficulty(0.1f);
  batch.reset_all();
  for (std::uint64_t t = 0; t < 100; ++t) {
    for (int lane = 0; lane < 3; ++lane) {
      const Picture p = batch.picture(lane);
      if (p.width < 1 || p.height < 1 || p.tiles.size() != static_cast<std::size_t>(p.width * p.height))
        return "a picture has no tiles";
      const bool nowhere = p.agent_x == -1 && p.agent_y == -1;
      if (!nowhere && (p.agent_x < 0 || p.agent_x >= p.width || p.agent_y < 0 || p.agent_y >= p.height))
        return "the agent is outside the picture";
      for (const Picture::Tile& tile : p.tiles)
        if (tile.colour > 0xFFFFFF || tile.in_view > 1 || tile.glyph > 0x10FFFF)
          return "a tile holds what is no colour, glyph or flag";
    }
    play(batch, t, 1);
  }
  return "";
}

std::string spec(const WaneWorldV1& world, Values settings) {
  const std::string id = world.id;
  if (id.empty() || id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
    return "its id is not [a-z0-9_]+";
  if (!world.summary || !*world.summary || std::string(world.summary).find('\n') != std::string::npos)
    return "its summary is not one line";
  if (!world.page || !*world.page) return "it has no page: rules, observation codes, rewards, end, best scores";
  for (int i = 0; i < world.settings_count; ++i) {
    const WaneSettingV1& s = world.settings[i];
    if (!s.name || !*s.name || !s.doc || !*s.doc || !s.unit) return "a setting lacks its name, unit or meaning";
    if (s.kind != WANE_BOOLEAN && !*s.unit) return text("setting ", s.name, " has no unit");
  }
  const Batch batch(world, settings, 1, 0);
  if (batch.cells() + batch.floats_per_env() < 1) return "there is nothing to observe";
  if (batch.cells() > 0 && batch.codes() < 1) return "there are cells, but no codes";
  std::set<std::string> names;
  for (const char* name : batch.action_names()) names.insert(name);
  return static_cast<int>(names.size()) == batch.actions() && !names.count("")
             ? ""
             : "two actions have one name, or one has none";
}

std::string rejects(const WaneWorldV1& world, std::string key, std::vector<double> numbers) {
  try {
    Batch(world, std::vector<WorldSetting>{{key, std::move(numbers), "here.yaml:7"}}, 1, 0);
  } catch (const Error& error) {
    const std::string message = error.what();
    return message.find("world." + key) != std::string::npos && message.find("here.yaml:7") != std::string::npos
               ? ""
               : "the message for a bad " + key + " does not name it: " + message;
  }
  return "a bad " + key + " was accepted";
}

std::string bad_settings(const WaneWorldV1& world, Values) {
  std::string wrong = rejects(world, "no_such_setting_anywhere", {1});
  for (int i = 0; i < world.settings_count && wrong.empty(); ++i) {
    const WaneSettingV1& s = world.settings[i];
    const bool range = s.kind == WANE_INTEGER_RANGE || s.kind == WANE_REAL_RANGE;
    std::vector<std::vector<double>> bad = {{}, {s.least, s.most, s.most}, {std::nan("")}};
    if (range) bad.insert(bad.end(), {{s.least}, {s.least - 1, s.most}, {s.least, s.most + 1}});
    if (range && s.least < s.most) bad.push_back({s.most, s.least});
    if (!range) bad.insert(bad.end(), {{s.least - 1}, {s.most + 1}, {s.least, s.most}});
    if (s.kind == WANE_INTEGER || s.kind == WANE_BOOLEAN) bad.push_back({s.least + 0.5});
    if (s.kind == WANE_INTEGER_RANGE) bad.push_back({s.least + 0.5, s.most});
    for (const auto& numbers : bad)
      if (wrong.empty()) wrong = rejects(world, s.name, numbers);
  }
  return wrong;
}

}  // namespace

std::string play_at_random(const WaneWorldV1& world, Values settings, std::int64_t steps) {
  constexpr std::size_t kLanes = 64;
  Batch batch(world, settings, kLanes, 3);
  std::vector<double> returns(kLanes, 0);
  std::vector<int> lengths(kLanes, 0);
  const auto rounds = (static_cast<std::uint64_t>(steps) + kLanes - 1) / kLanes;
  for (std::uint64_t t = 0; t < rounds; ++t) {
    batch.set_difficulty(static_cast<float>(t % 5) / 4);
    batch.step(random_actions(batch, kOthers, t));
    for (const std::uint8_t code : batch.observations())
      if (code >= batch.codes()) return text("it showed code ", int{code}, ", and its spec says codes ", batch.codes());
    for (const float f : batch.floats())
      if (!std::isfinite(f)) return "a float of the observation is not finite";
    for (std::size_t i = 0; i < kLanes; ++i) {
      if (!std::isfinite(batch.rewards()[i])) return "a reward is not finite";
      if (batch.terminated()[i] > 1 || batch.truncated()[i] > 1) return "a flag is neither 0 nor 1";
      if (batch.terminated()[i] && batch.truncated()[i]) return "terminated and truncated at once";
      returns[i] += batch.rewards()[i];
      ++lengths[i];
    }
    std::size_t flagged = 0;
    for (std::size_t i = 0; i < kLanes; ++i) flagged += batch.terminated()[i] || batch.truncated()[i];
    if (flagged != batch.finished().size()) return "finished() and the flags disagree";
    for (const Batch::Episode& e : batch.finished()) {
      const auto i = static_cast<std::size_t>(e.lane);
      if (!(e.success >= 0 && e.success <= 1)) return text("success ", e.success, " is not in 0..1");
      if (e.length != lengths[i]) return text("an episode of ", lengths[i], " steps reports length ", e.length);
      if (std::abs(e.episode_return - returns[i]) > 1e-3 * (1 + std::abs(returns[i])))
        return "an episode's return is not the sum of its rewards";
      returns[i] = lengths[i] = 0;
    }
    batch.reset_done();
  }
  return "";
}

std::span<const WorldCheck> world_checks() {
  static const WorldCheck kChecks[] = {
      {"spec", "id, summary, page, settings, cells, codes and actions are described",
       "see `Spec` and `describe` in envs/world.h", spec, true},
      {"determinism", "settings, difficulty, seed and actions give one and the same episode, in any lane and batch",
       "keep all state in the struct, none in statics or behind pointers; draw from the Rng of `reset` alone",
       determinism, true},
      {"bounds", "codes, numbers, rewards, flags and success stay within what is promised",
       "`observe` writes every cell, each 0..codes-1; `success` is 0..1", bounds, true},
      {"ends", "whatever one does for ever, an episode ends", "`limit` says after how many steps at the latest", ends,
       false},
      {"resets", "a step shows the true successor; the next episode starts after it, and nothing else changes",
       "a table filled by hand: `reset_done` writes the observations of finished lanes only", resets, true},
      {"snapshot", "saved and loaded, in the middle of episodes too, it goes on bit for bit",
       "the struct must hold everything, with fixed arrays and no pointers", snapshot, true},
      {"allocates_nothing", "steps and resets allocate nothing", "use fixed arrays: no vector, string or new",
       allocates_nothing, false},
      {"picture", "there is a picture at any moment, with the agent inside it",
       "`agent_x`, `agent_y` are 0..width-1, 0..height-1, or both -1; colours are 0xRRGGBB", picture, false},
      {"bad_settings", "settings out of bounds are refused, by name",
       "a table filled by hand: kind, least and most of each setting must be what `create` can take", bad_settings,
       false},
  };
  return kChecks;
}

std::vector<std::vector<WorldSetting>> settings_to_try(const WaneWorldV1& world, Values given) {
  const std::vector<WorldSetting> base(given.begin(), given.end());
  std::vector<std::vector<WorldSetting>> all{base};
  for (int i = 0; i < world.settings_count; ++i) {
    const WaneSettingV1& s = world.settings[i];
    const auto same = [&](const WorldSetting& w) { return w.key == s.name; };
    if (std::any_of(base.begin(), base.end(), same)) continue;
    for (const double v : {s.least, s.most}) {
      const bool range = s.kind == WANE_INTEGER_RANGE || s.kind == WANE_REAL_RANGE;
      all.push_back(base);
      all.back().push_back({s.name, range ? std::vector<double>{v, v} : std::vector<double>{v}, "settings_to_try"});
    }
  }
  return all;
}

Parallel on_threads(int count) {
  return [count](int begin, int end, const std::function<void(int, int)>& body) {
    std::vector<std::thread> threads;
    for (int k = 0; k < count; ++k) {
      const int from = begin + (end - begin) * k / count, to = begin + (end - begin) * (k + 1) / count;
      threads.emplace_back([&body, from, to] { body(from, to); });
    }
    for (std::thread& thread : threads) thread.join();
  };
}

}  // namespace wane
