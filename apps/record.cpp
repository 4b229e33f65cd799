// wane record: episodes as a file, without a display.

#include "apps/viewing.h"

#include <fmt/format.h>

#include "apps/run_folder.h"
#include "apps/viewer/html.h"
#include "configs/error.h"
#include "configs/write_file.h"

namespace wane {
namespace {

void record_html(const RecordCommand& command, const LoadedAgent& loaded) {
  Recording episode(loaded, episode_seed(command.seed, 0, std::uint64_t(command.episode)),
                    {.greedy = !command.sampled});
  while (episode.advance()) {
  }
  const int at = command.erase_at < 0 ? episode.length() / 2 : std::min(command.erase_at, episode.length() - 1);
  std::optional<Recording> other;
  const auto weights = episode.weigh(episode.length() - 1);
  if (!weights.empty() && weights[0].birth < at) {
    other.emplace(
        episode.what_if({.kind = Edit::erase, .step = at, .layer = weights[0].layer, .birth = weights[0].birth}));
    while (other->advance()) {
    }
  }
  write_file_atomically(command.out, viewer::replay_html(episode, other ? &*other : nullptr, at, loaded.settings));
  fmt::print("{}: {} steps, success {:g}", command.out, episode.length(), episode.episode()->success);
  if (other) fmt::print("; with its deciding memory erased at step {}: success {:g}", at, other->episode()->success);
  fmt::print("\n");
}

}  // namespace

int record(const RecordCommand& command) {
  const LoadedAgent loaded = load_agent(find_checkpoint(command.run), command.overrides);
  const std::string kind = std::filesystem::path(command.out).extension();
  if (kind == ".html") record_html(command, loaded);
  else if (kind == ".gif" || kind == ".mp4" || kind == ".png") record_pictures(command, loaded);
  else throw Error("--out " + command.out + ": expected a name that ends in .html, .gif, .mp4 or .png");
  return 0;
}

}  // namespace wane
