#include "apps/viewer/controls.h"

#include <algorithm>
#include <cmath>

namespace wane::viewer {
namespace {

constexpr float kSlowest = 1, kFastest = 4096;  // steps per second

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

}  // namespace

bool Controls::press(const std::string& key, Watch& watch) {
  if (key == "q" || key == "Escape") return look.help && key == "Escape" ? (look.help = false, true) : false;
  if (key == "Ctrl+C" || key == "closed") return false;
  if (key == "h" || key == "F1") look.help = !look.help;
  else if (key == "Space") look.playing = !look.playing;
  else if (key == "Right") watch.forward(1);
  else if (key == "Left") watch.forward(-1);
  else if (key == "Shift+Right") watch.forward(10);
  else if (key == "Shift+Left") watch.forward(-10);
  else if (key == "Home") watch.go_to(0);
  else if (key == "End") watch.go_to(Watch::kEnd);
  else if (key == "+") look.speed = std::min(kFastest, 2 * look.speed);
  else if (key == "-") look.speed = std::max(kSlowest, look.speed / 2);
  else if (key == "n") watch.start_episode(watch.number() + 1);
  else if (key == "p") watch.start_episode(watch.number() - 1);
  else if (key == "f") next_lost(watch);
  else if (key == "Tab") select_next(watch);
  else if (key == "Delete" || key == "x") watch.erase();
  else if (key == "k") watch.pin();
  else if (key == "t") watch.transplant();
  else if (key == "b" || key == "Backspace") watch.back();
  else if (key == "z") look.recent = !look.recent;
  else if (key == "d") look.theme = look.theme == &kDark ? &kLight : &kDark;
  else if (key.size() == 1 && key[0] >= '1' && key[0] - '1' < watch.shown().batch().actions()) watch.act(key[0] - '1');
  return true;
}

void Controls::pass(double seconds, Watch& watch, bool again) {
  due_ = look.playing ? due_ + seconds * double(look.speed) : 0;
  if (due_ < 1) return;
  const int before = watch.step();
  watch.forward(int(std::min(due_, 1e6)));
  due_ -= std::floor(due_);
  if (watch.step() == before && !again) look.playing = false;
}

}  // namespace wane::viewer
