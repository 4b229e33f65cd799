// The way back: settings as YAML, and what differs between two of them.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "configs/describe.h"
#include "configs/reader.h"

namespace wane {
namespace {

std::map<std::string, std::vector<double>> world_values(const Settings& settings) {
  std::map<std::string, std::vector<double>> values;
  for (const WorldSetting& setting : settings.world.values) values[setting.key] = setting.values;
  return values;
}

using Meanings = std::map<std::string, std::string>;

void write_world_values(YAML::Emitter& out, const Settings& settings, const Meanings& meanings) {
  for (const WorldSetting& setting : settings.world.values) {
    out << YAML::Key << setting.key << YAML::Value;
    if (setting.values.size() == 1) {
      out << number_text(setting.values[0]);
    } else {
      out << YAML::Flow << YAML::BeginSeq;
      for (double value : setting.values) out << number_text(value);
      out << YAML::EndSeq;
    }
    if (const auto meaning = meanings.find(setting.key); meaning != meanings.end())
      out << YAML::Comment(meaning->second);
  }
}

void write_comment(YAML::Emitter& out, const Key& key) {
  out << YAML::Comment(std::string(key.meaning) + " [" + allowed_text(key) + "]");
}

/// One map of keys that agree in their first `prefix` characters ("train."), maps inside it included.
void write_section(YAML::Emitter& out, const Settings& settings, std::span<const Key> keys, std::size_t prefix,
                   bool with_comments, const Meanings& meanings) {
  out << YAML::BeginMap;
  for (std::size_t i = 0; i < keys.size();) {
    const std::string_view rest = keys[i].name.substr(prefix);
    const std::size_t dot = rest.find('.');
    out << YAML::Key << std::string(rest.substr(0, dot)) << YAML::Value;
    if (dot == rest.npos) {
      out << value_text(keys[i], settings);
      if (with_comments) write_comment(out, keys[i]);
      if (keys[i].name == "world.name") write_world_values(out, settings, meanings);
      ++i;
      continue;
    }
    const std::string_view section = keys[i].name.substr(0, prefix + dot + 1);
    std::size_t end = i;
    while (end < keys.size() && keys[end].name.starts_with(section)) ++end;
    write_section(out, settings, keys.subspan(i, end - i), section.size(), with_comments, meanings);
    i = end;
  }
  out << YAML::EndMap;
}

}  // namespace

std::string write_settings(const Settings& settings, bool with_comments, const Meanings& world_meanings) {
  YAML::Emitter out;
  write_section(out, settings, known_keys(), 0, with_comments, world_meanings);
  return std::string(out.c_str()) + "\n";
}

std::vector<std::string> changed_keys(const Settings& a, const Settings& b) {
  std::vector<std::string> changed;
  for (const Key& key : known_keys()) {
    if (value_text(key, a) != value_text(key, b)) changed.emplace_back(key.name);
  }
  const auto of_a = world_values(a), of_b = world_values(b);
  for (const auto& [key, values] : of_a) {
    if (!of_b.contains(key) || of_b.at(key) != values) changed.push_back("world." + key);
  }
  for (const auto& [key, values] : of_b) {
    if (!of_a.contains(key)) changed.push_back("world." + key);
  }
  return changed;
}

bool may_change_on_resume(std::string_view key) {
  return key == "train.frames" || key.starts_with("train.stop.") || key.starts_with("log.");
}

}  // namespace wane
