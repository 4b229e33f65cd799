#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "apps/commands.h"
#include "envs/batch.h"
#include "envs/registry.h"

namespace wane {
namespace {

std::string number(const WaneSettingV1& setting, double value) {
  if (setting.kind == WANE_BOOLEAN) return value != 0 ? "true" : "false";
  return fmt::format("{}", static_cast<float>(value));
}

std::string preset(const WaneSettingV1& setting) {
  const bool range = setting.kind == WANE_INTEGER_RANGE || setting.kind == WANE_REAL_RANGE;
  if (!range) return number(setting, setting.preset[0]);
  return fmt::format("[{}, {}]", number(setting, setting.preset[0]), number(setting, setting.preset[1]));
}

void print_world(const WaneWorldV1& world) {
  const Batch batch(world, {}, 1, 0);
  fmt::print("{}: {}\n\n{}\nobservation: {} symbol codes, each 0..{}, and {} numbers\nactions:", world.id,
             world.summary, world.page, batch.cells(), batch.codes() - 1, batch.floats_per_env());
  for (const char* name : batch.action_names())
    fmt::print(" {}{}", name, name == batch.action_names().back() ? "\n" : ",");
  fmt::print("\nsettings (world.key=value):\n");
  std::size_t wide = 14;
  for (int i = 0; i < world.settings_count; ++i) wide = std::max(wide, std::string_view(world.settings[i].name).size());
  for (int i = 0; i < world.settings_count; ++i) {
    const WaneSettingV1& s = world.settings[i];
    const std::string allowed =
        s.kind == WANE_BOOLEAN ? "" : fmt::format(", {}..{}", number(s, s.least), number(s, s.most));
    fmt::print("  {:<{}} {:<10} {}{}{}{}\n", s.name, wide, preset(s), s.doc, allowed, *s.unit ? " " : "", s.unit);
  }
}

}  // namespace

int envs(const std::string& name) {
  if (!name.empty()) return print_world(find_world(name)), 0;
  for (const WaneWorldV1* world : worlds()) fmt::print("{:<12} {}\n", world->id, world->summary);
  fmt::print("\n`wane envs WORLD` shows a world's settings.\n");
  return 0;
}

}  // namespace wane
