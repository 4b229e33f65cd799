#include "apps/viewer/html.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/viewer/layout.h"
#include "apps/viewer/replay_page.h"

namespace wane::viewer {
namespace {

double rounded(double x) { return std::round(x * 1000) / 1000; }

/// Every step: what changed in the picture, the policy, and the slots as [birth, steps left (-1: stays), attention].
nlohmann::json steps_of(Recording& episode) {
  nlohmann::json steps = nlohmann::json::array();
  std::vector<nlohmann::json> shown;
  for (int t = 0; t <= episode.length(); ++t) {
    const Frame frame = episode.at(t);
    nlohmann::json step, tiles = nlohmann::json::array(), layers = nlohmann::json::array();
    shown.resize(frame.picture.tiles.size());
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Picture::Tile& tile = frame.picture.tiles[i];
      nlohmann::json now = {tile.colour, tile.glyph, int(tile.in_view)};
      if (now == shown[i]) continue;
      tiles.push_back({i, tile.colour, tile.glyph, int(tile.in_view)});
      shown[i] = std::move(now);
    }
    for (const auto& layer : frame.layers) {
      nlohmann::json slots = nlohmann::json::array();
      for (const SlotView& slot : layer)
        slots.push_back(
            {slot.birth, slot.remaining == kNever ? -1 : slot.remaining, rounded(greatest_attention(slot))});
      layers.push_back(std::move(slots));
    }
    step["t"] = std::move(tiles);
    step["m"] = std::move(layers);
    step["x"] = frame.picture.agent_x;
    step["y"] = frame.picture.agent_y;
    if (t < episode.length()) {
      const RecordedStep& record = episode.steps()[std::size_t(t)];
      step["a"] = record.action;
      step["r"] = rounded(record.reward);
      step["v"] = rounded(record.value);
      for (const float p : record.probabilities) step["p"].push_back(rounded(p));
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace

std::string replay_html(Recording& episode, Recording* other, int erased_at, const Settings& settings) {
  const Picture picture = episode.at(0).picture;
  nlohmann::json data{{"world", settings.world.name},
                      {"memory", settings.memory.kind},
                      {"width", picture.width},
                      {"height", picture.height},
                      {"erased_at", erased_at},
                      {"slot_bytes", (settings.memory.storage == "bfloat16" ? 6 : 12) * settings.memory.width + 21},
                      {"most", settings.memory.max_span},
                      {"success", {episode.episode()->success, other ? other->episode()->success : 0}}};
  for (const char* name : episode.batch().action_names()) data["actions"].push_back(name);
  data["runs"] = {steps_of(episode)};
  if (other) data["runs"].push_back(steps_of(*other));
  std::string page = kReplayPage, text = data.dump();
  for (std::size_t at = 0; (at = text.find("</", at)) != std::string::npos; at += 3) text.replace(at, 2, "<\\/");
  const std::string mark = "/*DATA*/null";
  return page.replace(page.find(mark), mark.size(), text);
}

}  // namespace wane::viewer
