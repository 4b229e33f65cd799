#include "broken_worlds.h"

#include <limits>
#include <new>
#include <stdexcept>

#include "envs/world.h"

namespace wane {
namespace {

/// Counts to a drawn number and draws while it steps; its observation carries floats.
struct Probe {
  struct Settings {
    Range<int> steps{2, 30};
    Range<float> noise{-1, 1};
    float scale = 0.5f;
    bool shown = true;
    void describe(auto&& setting) {
      setting("steps", steps, 1, 1000, "steps", "length of an episode");
      setting("noise", noise, -2, 2, "reward", "drawn in every step");
      setting("scale", scale, 0, 1, "1/step", "of the floats");
      setting("shown", shown, "the floats are shown");
    }
  };
  static constexpr const char* kActions[] = {"stay", "go"};
  static Spec spec(const Settings&) { return {.cells = 1, .codes = 4, .floats = 2, .actions = kActions}; }
  void reset(const Settings& s, float difficulty, Rng& r) {
    rng = r;
    steps = rng.uniform(s.steps.scaled(difficulty));
  }
  Outcome step(const Settings& s, int action) {
    t += action;
    noise = rng.uniform(s.noise);
    return {noise, t >= steps, t >= steps ? 0.25f : 0};
  }
  void observe(const Settings& s, std::span<std::uint8_t> cells, std::span<float> floats) const {
    cells[0] = static_cast<std::uint8_t>(t & 3);
    floats[0] = s.shown ? s.scale * static_cast<float>(t) : 0;
    floats[1] = noise;
  }
  int limit(const Settings&) const { return 2 * steps; }
  int size() const { return steps; }
  Picture picture(const Settings&) const { return {1, 1, {kRed, 'p', 1}}; }

  Rng rng;
  std::int32_t t = 0, steps = 0;
  float noise = 0;
};

/// What the broken ones share: a correct world of five steps without settings.
struct Plain {
  struct Settings {
    void describe(auto&&) {}
  };
  static constexpr const char* kActions[] = {"a", "b"};
  static Spec spec(const Settings&) { return {.cells = 1, .codes = 8, .actions = kActions}; }
  void reset(const Settings&, float, Rng& rng) { answer = rng.uniform(2); }
  Outcome step(const Settings&, int action) { return {action == answer ? 1.f : 0.f, ++t >= 5, 1}; }
  void observe(const Settings&, std::span<std::uint8_t> cells) const { cells[0] = static_cast<std::uint8_t>(t); }
  int limit(const Settings&) const { return 10; }
  int size() const { return 5; }
  Picture picture(const Settings&) const { return {1, 1}; }
  std::int32_t t = 0, answer = 0;
};

struct Remembers : Plain {  // a number outlives the episode, in a place that all lanes share
  Outcome step(const Settings& s, int action) {
    static thread_local int calls = 0;
    Outcome outcome = Plain::step(s, action);
    outcome.reward += static_cast<float>(++calls % 7);
    return outcome;
  }
};
struct CodeTooLarge : Plain {
  void observe(const Settings&, std::span<std::uint8_t> cells) const { cells[0] = t == 5 ? 8 : 0; }
};
struct Infinite : Plain {
  Outcome step(const Settings& s, int action) {
    Outcome outcome = Plain::step(s, action);
    if (t == 4) outcome.reward = std::numeric_limits<float>::infinity();
    return outcome;
  }
};
struct Oversuccessful : Plain {
  Outcome step(const Settings& s, int action) {
    Outcome outcome = Plain::step(s, action);
    outcome.success = 2;
    return outcome;
  }
};
struct Endless : Plain {
  Outcome step(const Settings& s, int action) {
    Outcome outcome = Plain::step(s, action);
    outcome.terminated = false;
    t = t > 7 ? 0 : t;
    return outcome;
  }
  int limit(const Settings&) const { return std::numeric_limits<int>::max(); }
};
struct Allocates : Plain {
  Outcome step(const Settings& s, int action) {
    ::operator delete(::operator new(8));  // called as functions, so that the compiler may not leave them out
    return Plain::step(s, action);
  }
};
struct AgentOutside : Plain {
  Picture picture(const Settings&) const {
    Picture p(2, 2);
    p.agent_x = t == 3 ? 2 : 0;
    p.agent_y = 0;
    return p;
  }
};
struct SameNames : Plain {
  static constexpr const char* kActions[] = {"a", "a"};
  static Spec spec(const Settings&) { return {.cells = 1, .codes = 8, .actions = kActions}; }
};
struct Pointer : Plain {  // what it points to is no part of the snapshot
  void reset(const Settings& s, float d, Rng& rng) {
    static int slots[4096] = {};
    static int used = 0;
    Plain::reset(s, d, rng);
    elsewhere = &slots[used++ % 4096];
    *elsewhere = 0;
  }
  Outcome step(const Settings& s, int action) {
    *elsewhere += 1 + action;
    Outcome outcome = Plain::step(s, action);
    outcome.reward = static_cast<float>(*elsewhere);
    return outcome;
  }
  int* elsewhere = nullptr;
};
struct Throws : Plain {
  Outcome step(const Settings& s, int action) {
    if (t == 2) throw std::runtime_error("the well is dry");
    return Plain::step(s, action);
  }
};
struct NoActions : Plain {
  static Spec spec(const Settings&) { return {.cells = 1, .codes = 8, .actions = {}}; }
};

/// A table filled wrongly by hand: its reset_done forgets nothing and resets everything.
const WaneWorldV1* resets_all() {
  static WaneWorldV1 table = *world_table<Plain, Lanes<Plain>>("resets_all", "a test", "Rules. None.");
  table.reset_done = table.reset;
  return &table;
}

}  // namespace

WANE_WORLD(Probe, "probe", "a test", "Rules. Counts to `steps`, draws `noise`, shows both times `scale` if `shown`.")

const WaneWorldV1& probe_world() { return *wane_world_Probe(); }
const WaneWorldV1& throwing_world() { return *world_table<Throws, Lanes<Throws>>("throws", "a test", "Rules. None."); }
const WaneWorldV1& uncreatable_world() {
  return *world_table<NoActions, Lanes<NoActions>>("no_actions", "a test", "Rules. None.");
}

std::span<const BrokenWorld> broken_worlds() {
  static const BrokenWorld kBroken[] = {
      {world_table<Remembers, Lanes<Remembers>>("remembers", "a test", "Rules. None."), "determinism"},
      {world_table<CodeTooLarge, Lanes<CodeTooLarge>>("code_too_large", "a test", "Rules. None."), "bounds"},
      {world_table<Infinite, Lanes<Infinite>>("infinite", "a test", "Rules. None."), "bounds"},
      {world_table<Oversuccessful, Lanes<Oversuccessful>>("oversuccessful", "a test", "Rules. None."), "bounds"},
      {world_table<Endless, Lanes<Endless>>("endless", "a test", "Rules. None."), "ends"},
      {world_table<Allocates, Lanes<Allocates>>("allocates", "a test", "Rules. None."), "allocates_nothing"},
      {world_table<AgentOutside, Lanes<AgentOutside>>("agent_outside", "a test", "Rules. None."), "picture"},
      {world_table<SameNames, Lanes<SameNames>>("same_names", "a test", "Rules. None."), "spec"},
      {world_table<Plain, Lanes<Plain>>("Not An Id", "a test", "Rules. None."), "spec"},
      {world_table<Plain, Lanes<Plain>>("no_page", "a test", ""), "spec"},
      {world_table<Pointer, Lanes<Pointer>>("pointer", "a test", "Rules. None."), "snapshot"},
      {resets_all(), "resets"},
  };
  return kBroken;
}

}  // namespace wane
