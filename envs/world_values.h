#pragma once
// What a run's file says about a world, checked against what the world itself declares.
//
//   std::vector<double> values = world_values(find_world("corridor"), settings.world.values);   // (settings_count, 2)
//
// Throws Error for an unknown key (naming the nearest known one), a wrong count of numbers, a fraction where an
// integer is asked, lo > hi, and a number out of bounds; each message names key, value, where it was written and what
// is allowed. A key written twice: the later one counts (command line after file).

#include <span>
#include <string>
#include <vector>

#include "configs/settings.h"
#include "envs/wane_world.h"

namespace wane {

std::vector<double> world_values(const WaneWorldV1& world, std::span<const WorldSetting> written);

/// All of the world's settings, those that are not written at their defaults; refuses what `world_values` does.
std::vector<WorldSetting> all_settings(const WaneWorldV1& world, std::span<const WorldSetting> written);

/// "2..1000 cells, an integer range [lo, hi]": what a setting allows, for messages and listings.
std::string describe_allowed(const WaneSettingV1& setting);

/// Throws Error unless `world` was built against this version of `wane_world.h`.
void check_version(const WaneWorldV1& world);

}  // namespace wane
