// wane watch, and wane train --watch: the window. Keys and clicks become calls of `Watch`; nothing else happens here.

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <thread>

#include "apps/run_folder.h"
#include "apps/viewer/draw.h"
#include "apps/viewer/remembered.h"
#include "apps/viewer/window.h"
#include "apps/viewing.h"

namespace wane {
namespace {

using namespace viewer;

constexpr int kListed = 64;                                      // episodes in the list
constexpr int kBusy = 5, kPlays = 16, kLive = 33, kRests = 100;  // milliseconds to wait for a key
constexpr float kLiveSpeed = 32;                                 // steps per second of a training's episodes, at first

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void save_picture(const Window& window, int step) {
  const std::string path = fmt::format("wane-{}.png", step);
  write_png(path, window.picture());
  fmt::print("{}\n", path);
  std::fflush(stdout);
}

/// Until the window is closed or `stop` asks for it. With `feed`, episodes come from there as they are shown to their
/// end.
void show(Watch& watch, Window& window, Controls& controls, Feed* feed, const std::stop_token& stop) {
  const Look& look = controls.look;
  double last = now();
  for (Keys keys; !stop.stop_requested(); keys.clear()) {
    const bool listing = !feed && std::ssize(watch.list()) < kListed;
    if (!window.events(keys, feed ? kLive : listing ? kBusy : look.playing ? kPlays : kRests)) return;
    bool saving = false;
    for (const std::string& key : keys) {
      if (!controls.press(key, watch)) return;
      saving |= key == "s";
    }
    if (feed) {
      if (!watch.live() || (look.playing && watch.at_end())) feed->ask();
      if (const auto news = feed->take()) watch.follow(*news);
    }
    const double time = now();
    if (!feed || watch.live()) controls.pass(time - last, watch, feed != nullptr);
    last = time;
    if (listing) watch.list_one();
    Asked asked;
    window.frame([&] { asked = draw(watch, look); });
    if (saving) save_picture(window, watch.step());
    if (asked.episode) watch.start_episode(*asked.episode);
    else if (asked.step && *asked.step != watch.step()) watch.go_to(*asked.step);
    else if (asked.slot) watch.select(asked.slot->layer, asked.slot->birth);
  }
}

/// A window as it was left the last time.
struct Opened {
  Remembered remembered = recall();
  Window window;
  Controls controls;

  Opened(const std::string& title, float scale) : window(title, remembered.width, remembered.height, scale) {
    controls.look = {.theme = remembered.light ? &kLight : &kDark,
                     .recent = remembered.recent,
                     .speed = remembered.speed,
                     .scale = window.scale()};
  }
  void leave() {
    const auto [width, height] = window.size();
    const Look& look = controls.look;
    remember({width, height, look.theme == &kLight, look.recent, look.speed});
  }
};

}  // namespace

int watch(const WatchCommand& command) {
  const LoadedAgent loaded = load_agent(find_checkpoint(command.run), command.overrides);
  Watch watch(loaded, {.seed = command.seed, .greedy = !command.sampled});
  if (command.episode) watch.start_episode(command.episode);
  Opened opened("wane: " + loaded.settings.world.name + ", " + loaded.settings.memory.kind, command.scale);
  show(watch, opened.window, opened.controls, nullptr, {});
  opened.leave();
  return 0;
}

void need_window() { need_display(); }

struct LiveView::Inside {
  Feed feed;
  LoadedAgent loaded;
  std::promise<void> open;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  std::jthread thread;  // the window's: all of SDL happens there

  explicit Inside(const Training& training)
      : feed(training), loaded{training.settings, 0,
                               std::make_unique<Agent>(training.settings, training.agent->senses(), 0)} {}

  void run(const std::stop_token& stop) {
    std::optional<Opened> opened;
    std::optional<Watch> watch;
    try {
      watch.emplace(loaded, WatchOptions{.greedy = true});
      opened.emplace("wane trains: " + loaded.settings.world.name + ", " + loaded.settings.memory.kind, 0.F);
      opened->controls.look.playing = true;
      opened->controls.look.speed = kLiveSpeed;
      open.set_value();
    } catch (...) {
      open.set_exception(std::current_exception());
      return;
    }
    try {
      show(*watch, opened->window, opened->controls, &feed, stop);
    } catch (const std::exception& error) {  // the training goes on without its window
      fmt::print(stderr, "wane: the window closed: {}\n", error.what());
    }
  }
};

LiveView::LiveView(const Training& training) : inside_(std::make_unique<Inside>(training)) {
  auto opened = inside_->open.get_future();
  inside_->thread = std::jthread([this](const std::stop_token& stop) { inside_->run(stop); });
  opened.get();
}

LiveView::~LiveView() = default;

void LiveView::note(const Training& training) { inside_->feed.note(training); }

double LiveView::share() const {
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - inside_->begin;
  return inside_->feed.seconds() / all.count();
}

}  // namespace wane
