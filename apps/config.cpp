#include <cstdio>
#include <filesystem>
#include <map>
#include <span>

#include "apps/commands.h"
#include "apps/config_words.h"
#include "configs/error.h"
#include "configs/reader.h"
#include "envs/registry.h"
#include "envs/world_values.h"

namespace wane {

bool is_setting(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != word.npos && word.find('/') > equals && !std::filesystem::exists(word);
}

ConfigWords config_words(const std::vector<std::string>& words) {
  if (words.empty() || is_setting(words[0])) {
    throw Error("which configuration? Name a YAML file first, e.g. configs/corridor.yaml");
  }
  return {words[0], {words.begin() + 1, words.end()}};
}

std::vector<WorldSetting> world_settings(const std::string& world, const std::vector<std::string>& overrides) {
  for (const std::string& word : overrides) {
    if (word.starts_with("world.") && !word.starts_with("world.name=")) continue;
    throw Error("`" + word + "`: expected world.key=value, a setting of the world `" + world + "`");
  }
  const std::vector<WorldSetting> settings = parse_settings("", "defaults", overrides).world.values;
  world_values(find_world(world), settings);  // throws for what it does not allow
  return settings;
}

std::string explained_settings(const Settings& settings) {
  const WaneWorldV1& world = find_world(settings.world.name);
  std::map<std::string, std::string> meanings;
  for (const WaneSettingV1& setting : std::span(world.settings, static_cast<std::size_t>(world.settings_count)))
    meanings[setting.name] = std::string(setting.doc) + " [" + describe_allowed(setting) + "]";
  return write_settings(settings, true, meanings);
}

int config(const std::vector<std::string>& words) {
  const ConfigWords parsed = config_words(words);
  Settings settings = read_settings(parsed.path, parsed.overrides);
  settings.world.values = all_settings(find_world(settings.world.name), settings.world.values);
  std::fputs(explained_settings(settings).c_str(), stdout);
  return 0;
}

}  // namespace wane
