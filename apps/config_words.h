#pragma once
// Configurations as commands take and show them: CONFIG and section.key=value in words, and all of it explained.
//
//   const ConfigWords words = config_words({"configs/corridor.yaml", "a2c.gamma=0.9"});
//   std::puts(explained_settings(read_settings(words.path, words.overrides)).c_str());

#include <string>
#include <vector>

#include "configs/settings.h"

namespace wane {

/// The overrides `world.key=value` of a command that names its world by itself. Throws Error for other keys, and for
/// what the world does not allow.
std::vector<WorldSetting> world_settings(const std::string& world, const std::vector<std::string>& overrides);

/// key=value, and no path that happens to have a "=" in it.
bool is_setting(const std::string& word);

/// As YAML, each with its meaning, those of the world too.
std::string explained_settings(const Settings& settings);

/// CONFIG and the overrides behind it, from a command's words. Throws Error where there is no CONFIG.
struct ConfigWords {
  std::string path;
  std::vector<std::string> overrides;
};
ConfigWords config_words(const std::vector<std::string>& words);

}  // namespace wane
