// wane watch: the window. Keys and clicks become calls of `Watch`; nothing else happens here.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "apps/run_folder.h"
#include "apps/viewer/draw.h"
#include "apps/viewer/window.h"
#include "apps/viewing.h"

namespace wane {
namespace {

using namespace viewer;

constexpr int kListed = 64;                     // episodes in the list
constexpr float kSlowest = 1, kFastest = 4096;  // steps per second

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The live slot after the selected one, through all layers.
void select_next(Watch& watch) {
  std::vector<Selected> all;
  for (std::size_t l = 0; l < watch.frame().layers.size(); ++l) {
    for (const SlotView& slot : watch.frame().layers[l]) all.push_back({int(l), slot.birth});
  }
  if (all.empty()) return;
  auto at = watch.selected() ? std::find(all.begin(), all.end(), *watch.selected()) : all.end();
  at = at == all.end() || ++at == all.end() ? all.begin() : at;
  watch.select(at->layer, at->birth);
}

void next_lost(Watch& watch) {
  const auto& rows = watch.list();
  for (const bool beyond : {true, false}) {
    for (const EpisodeRow& row : rows) {
      if (row.success < 1 && (row.number > watch.number()) == beyond && row.number != watch.number())
        return watch.start_episode(row.number);
    }
  }
}

/// False to quit.
bool press(const std::string& key, Watch& watch, Look& look) {
  if (key == "q" || key == "Escape") return look.help && key == "Escape" ? (look.help = false, true) : false;
  if (key == "h" || key == "F1") look.help = !look.help;
  else if (key == "Space") look.playing = !look.playing;
  else if (key == "Right") watch.forward(1);
  else if (key == "Left") watch.forward(-1);
  else if (key == "Shift+Right") watch.forward(10);
  else if (key == "Shift+Left") watch.forward(-10);
  else if (key == "Home") watch.go_to(0);
  else if (key == "End") watch.go_to(1 << 30);
  else if (key == "+") look.speed = std::min(kFastest, 2 * look.speed);
  else if (key == "-") look.speed = std::max(kSlowest, look.speed / 2);
  else if (key == "n") watch.start_episode(watch.number() + 1);
  else if (key == "p") watch.start_episode(watch.number() - 1);
  else if (key == "f") next_lost(watch);
  else if (key == "Tab") select_next(watch);
  else if (key == "Delete") watch.erase();
  else if (key == "k") watch.pin();
  else if (key == "t") watch.transplant();
  else if (key == "b" || key == "Backspace") watch.back();
  else if (key == "z") look.recent = !look.recent;
  else if (key == "d") look.theme = look.theme == &kDark ? &kLight : &kDark;
  else if (key.size() == 1 && key[0] >= '1' && key[0] - '1' < watch.shown().batch().actions()) watch.act(key[0] - '1');
  return true;
}

}  // namespace

int watch(const WatchCommand& command) {
  const LoadedAgent loaded = load_agent(find_checkpoint(command.run), command.overrides);
  Watch watch(loaded, {.seed = command.seed, .greedy = !command.sampled});
  if (command.episode) watch.start_episode(command.episode);
  Window window("wane: " + loaded.settings.world.name + ", " + loaded.settings.memory.kind, 1280, 720);
  Look look{.scale = window.scale()};
  double last = now(), due = 0;  // steps that time asks for
  for (Keys keys;; keys.clear()) {
    const bool listing = std::ssize(watch.list()) < kListed;
    if (!window.events(keys, look.playing || listing ? 5 : 100)) return 0;
    for (const std::string& key : keys) {
      if (!press(key, watch, look)) return 0;
      if (key == "s") {
        const std::string path = fmt::format("wane-{}.png", watch.step());
        write_png(path, window.picture());
        fmt::print("{}\n", path);
        std::fflush(stdout);
      }
    }
    const double time = now();
    due = look.playing ? due + (time - last) * look.speed : 0;
    last = time;
    if (due >= 1) {
      const int before = watch.step();
      watch.forward(int(due));
      due -= std::floor(due);
      if (watch.step() == before) look.playing = false;
    }
    if (listing) watch.list_one();
    Asked asked;
    window.frame([&] { asked = draw(watch, look); });
    if (asked.episode) watch.start_episode(*asked.episode);
    else if (asked.step && *asked.step != watch.step()) watch.go_to(*asked.step);
    else if (asked.slot) watch.select(asked.slot->layer, asked.slot->birth);
  }
}

}  // namespace wane
