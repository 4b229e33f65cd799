#pragma once
// Puts a batch, `Lanes` or `DeviceLanes`, behind the C table. Exceptions end here: they become a return code and a text
// for last_error. Include `world.h`, not this.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "envs/setting_list.h"
#include "envs/wane_world.h"

namespace wane {

inline char* last_error_text() {
  static thread_local char text[256] = "";
  return text;
}

/// What the C functions of one world type do. `WaneBatch*` is a `Batch*` to them and opaque to everyone else.
template <class World, class Batch>
struct TableOf {
  static Batch& lanes(WaneBatch* batch) { return *reinterpret_cast<Batch*>(batch); }
  static const Batch& lanes(const WaneBatch* batch) { return *reinterpret_cast<const Batch*>(batch); }

  template <class Body>
  static int guarded(const Body& body) noexcept {
    try {
      body();
      return 0;
    } catch (const std::exception& error) {
      std::snprintf(last_error_text(), 256, "%s", error.what());
    } catch (...) {
      std::snprintf(last_error_text(), 256, "an exception that is no std::exception");
    }
    return 1;
  }

  static WaneBatch* create(const double* values, std::int32_t count, std::uint64_t run_seed, std::uint64_t first_lane) {
    Batch* batch = nullptr;
    guarded([&] { batch = new Batch(values, count, run_seed, first_lane); });
    return reinterpret_cast<WaneBatch*>(batch);
  }
  static void destroy(WaneBatch* batch) { delete reinterpret_cast<Batch*>(batch); }

  static void spec(const WaneBatch* batch, WaneSpecV1* to) {
    const Spec& s = lanes(batch).spec();
    *to = {s.cells, s.codes, s.floats, static_cast<std::int32_t>(s.actions.size()), s.actions.data()};
  }
  static void set_difficulty(WaneBatch* batch, float difficulty) { lanes(batch).set_difficulty(difficulty); }

  static int reset(WaneBatch* batch, std::int32_t begin, std::int32_t end, const WaneBuffersV1* to) {
    return guarded([&] { lanes(batch).reset(begin, end, *to); });
  }
  static int step(WaneBatch* batch, std::int32_t begin, std::int32_t end, const std::int32_t* actions,
                  const WaneBuffersV1* to) {
    return guarded([&] { lanes(batch).step(begin, end, actions, *to); });
  }
  static int reset_done(WaneBatch* batch, std::int32_t begin, std::int32_t end, const WaneBuffersV1* to) {
    return guarded([&] { lanes(batch).reset_done(begin, end, *to); });
  }
  static int reset_to(WaneBatch* batch, std::int32_t lane, std::uint64_t seed, const WaneBuffersV1* to) {
    return guarded([&] { lanes(batch).reset_to(lane, seed, *to); });
  }
  static std::uint64_t episode_seed(const WaneBatch* batch, std::int32_t lane) {
    std::uint64_t seed = 0;
    guarded([&] { seed = lanes(batch).episode_seed(lane); });
    return seed;
  }

  static std::uint64_t save_size(const WaneBatch* batch) { return lanes(batch).save_size(); }
  static int save(const WaneBatch* batch, std::uint8_t* to, std::uint64_t size) {
    return guarded([&] {
      check_size(batch, size);
      lanes(batch).save(to);
    });
  }
  static int load(WaneBatch* batch, const std::uint8_t* from, std::uint64_t size, const WaneBuffersV1* to) {
    return guarded([&] {
      check_size(batch, size);
      lanes(batch).load(from, *to);
    });
  }
  static void check_size(const WaneBatch* batch, std::uint64_t size) {
    if (size != lanes(batch).save_size())
      throw std::runtime_error("the snapshot's size is wrong: another world, build or number of lanes");
  }

  static int picture(const WaneBatch* batch, std::int32_t lane, WanePictureV1* to, WaneTileV1* tiles,
                     std::int32_t capacity) {
    return guarded([&] {
      const Picture p = lanes(batch).picture(lane);
      *to = {p.width, p.height, p.agent_x, p.agent_y};
      if (static_cast<std::size_t>(capacity) >= p.tiles.size()) std::copy(p.tiles.begin(), p.tiles.end(), tiles);
    });
  }
  static const char* last_error() { return last_error_text(); }
};

/// The table of one world type, whose batches are `Batch`es; lives as long as the program or library.
template <class World, class Batch>
const WaneWorldV1* world_table(const char* id, const char* summary, const char* page) {
  using T = TableOf<World, Batch>;
  static const std::vector<WaneSettingV1> settings = list_settings<World>();
  static const WaneWorldV1 table{sizeof(WaneWorldV1),
                                 WANE_WORLD_VERSION,
                                 id,
                                 summary,
                                 page,
                                 static_cast<std::int32_t>(settings.size()),
                                 settings.data(),
                                 T::create,
                                 T::destroy,
                                 T::spec,
                                 T::set_difficulty,
                                 T::reset,
                                 T::step,
                                 T::reset_done,
                                 T::reset_to,
                                 T::episode_seed,
                                 T::save_size,
                                 T::save,
                                 T::load,
                                 T::picture,
                                 T::last_error};
  return &table;
}

}  // namespace wane
