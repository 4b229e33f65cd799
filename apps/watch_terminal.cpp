// wane watch --terminal: the viewer as text.

#include <chrono>

#include "apps/run_folder.h"
#include "apps/terminal.h"
#include "apps/viewer/text.h"
#include "apps/viewing.h"

namespace wane {
namespace {

constexpr int kListed = 32;    // episodes looked through for lost ones, when there is nothing else to do
constexpr int kFrame = 33;     // milliseconds between frames of an episode that plays
constexpr int kPatience = 20;  // milliseconds without a key before the next is looked through

using Clock = std::chrono::steady_clock;

}  // namespace

int watch_in_terminal(const WatchCommand& command) {
  const LoadedAgent loaded = load_agent(find_checkpoint(command.run), command.overrides);
  viewer::Watch watch(loaded, {.seed = command.seed, .greedy = !command.sampled});
  if (command.episode) watch.start_episode(command.episode);
  viewer::Controls controls;
  Terminal terminal;
  std::string shown;
  for (auto last = Clock::now();;) {
    std::string frame = viewer::frame_text(watch, controls.look, terminal.columns(), terminal.rows());
    if (frame != shown) terminal.show(shown = std::move(frame));
    const bool listing = std::ssize(watch.list()) < kListed;
    const std::string key = terminal.key(controls.look.playing ? kFrame : listing ? kPatience : -1);
    if (key == "Ctrl+C") return 130;
    if (!controls.press(key, watch)) return 0;
    if (key.empty() && listing && !controls.look.playing) watch.list_one();
    const auto now = Clock::now();
    controls.pass(std::chrono::duration<double>(now - last).count(), watch);
    last = now;
  }
}

}  // namespace wane
