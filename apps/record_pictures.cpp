// wane record to .gif, .mp4 and .png: the viewer's panels, drawn off the screen.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "apps/viewer/draw.h"
#include "apps/viewer/video.h"
#include "apps/viewer/window.h"
#include "apps/viewing.h"
#include "configs/error.h"

namespace wane {
namespace {

constexpr int kListed = 12;       // episodes in the list beside
constexpr int kLastFrame = 1500;  // milliseconds that an animation rests on an episode's end

/// To the episode's end; with the deciding slot erased where that was asked for.
void act_out(viewer::Watch& watch, const RecordCommand& command) {
  watch.go_to(viewer::Watch::kEnd);
  if (command.erase_at < 0) return;
  Recording episode(watch.agent(), watch.shown().seed(), {.greedy = !command.sampled});
  while (episode.advance()) {
  }
  const auto weights = episode.weigh(episode.length() - 1);
  if (weights.empty()) throw Error("--erase-at: at the episode's end nothing is remembered");
  watch.go_to(command.erase_at);
  watch.select(weights[0].layer, weights[0].birth);
  watch.erase();
  if (!watch.changed()) throw Error("--erase-at " + std::to_string(command.erase_at) + ": " + watch.said());
  watch.go_to(viewer::Watch::kEnd);
}

}  // namespace

void record_pictures(const RecordCommand& command, const LoadedAgent& loaded) {
  viewer::Watch watch(loaded, {.seed = command.seed, .greedy = !command.sampled});
  for (int i = 0; i < kListed; ++i) watch.list_one();
  viewer::Look look;
  if (command.light) look.theme = &viewer::kLight;
  viewer::Canvas canvas(command.width, command.height, std::max(1.F, float(command.height) / 720));
  const auto frame_at = [&](int step) {
    watch.go_to(step);
    return canvas.frame([&] { viewer::draw(watch, look); });
  };
  if (std::filesystem::path(command.out).extension() == ".png") {
    watch.start_episode(command.episode);
    act_out(watch, command);
    const int step = command.step < 0 ? watch.shown().length() : command.step;
    const auto begin = std::chrono::steady_clock::now();
    watch.go_to(step);
    const std::chrono::duration<double, std::milli> sought = std::chrono::steady_clock::now() - begin;
    viewer::write_png(command.out, frame_at(step));
    fmt::print("{}: episode {}, step {}; found in {:.1f} ms, laid out in {:.1f} ms\n", command.out, command.episode,
               watch.step(), sought.count(), 1e3 * canvas.draw_seconds());
    return;
  }
  const bool film = std::filesystem::path(command.out).extension() == ".mp4";
  std::unique_ptr<viewer::Gif> gif;
  std::unique_ptr<viewer::Video> video;
  if (film) video = std::make_unique<viewer::Video>(command.out, command.width, command.height, int(command.fps));
  int frames = 0;
  for (int k = command.episode; k < command.episode + command.episodes; ++k) {
    watch.start_episode(k);
    act_out(watch, command);
    const int end = watch.shown().length(), each = int(1000 / command.fps);
    if (!film && !gif)
      gif = std::make_unique<viewer::Gif>(command.out, std::vector{frame_at(0), frame_at(end / 2), frame_at(end)});
    for (int step = 0; step <= end; ++step, ++frames) {
      if (film) video->add(frame_at(step), step == end ? kLastFrame / each : 1);
      else gif->add(frame_at(step), step == end ? kLastFrame : each);
    }
  }
  film ? video->close() : gif->close();
  fmt::print("{}: {} frames, {:.1f} MB\n", command.out, frames, 1e-6 * double(std::filesystem::file_size(command.out)));
}

}  // namespace wane
