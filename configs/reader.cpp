#include "configs/reader.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "configs/describe.h"
#include "configs/error.h"
#include "configs/nearest.h"

namespace wane {
namespace {

constexpr std::string_view kWorld = "world.";
const std::string kCommandLine = "command line";

std::string place(const std::string& file, int line) { return file + ":" + std::to_string(line + 1); }

std::string one_line(std::string text) {
  constexpr std::size_t most = 60;
  std::ranges::replace(text, '\n', ' ');
  return text.size() > most ? text.substr(0, most) + "..." : text;
}

std::string as_written(const YAML::Node& value) {
  if (value.IsScalar()) return one_line(value.Scalar());
  if (value.IsNull()) return "(nothing)";
  YAML::Node flow = YAML::Clone(value);
  flow.SetStyle(YAML::EmitterStyle::Flow);
  return one_line(YAML::Dump(flow));
}

[[noreturn]] void refuse(const std::string& key, const YAML::Node& value, const std::string& where,
                         const std::string& expected) {
  throw Error(key + " = " + as_written(value) + " (" + where + "): expected " + expected);
}

std::string last_part(std::string_view key) { return std::string(key.substr(key.rfind('.') + 1)); }

/// Known keys and their sections; a key without its section ("gamma") is found by its last part.
std::string nearest_key(const std::string& key) {
  std::vector<std::string_view> names, sections;
  for (const Key& known : known_keys()) {
    names.push_back(known.name);
    sections.push_back(known.name.substr(0, known.name.rfind('.')));
  }
  if (std::string found = nearest(key, names); !found.empty()) return found;
  if (std::string found = nearest(key, sections); !found.empty()) return found;
  std::vector<std::string> lasts;
  for (std::string_view name : names) lasts.push_back(last_part(name));
  const std::vector<std::string_view> views(lasts.begin(), lasts.end());
  const std::string last = nearest(last_part(key), views);
  return last.empty() ? "" : std::string(names[std::ranges::find(lasts, last) - lasts.begin()]);
}

bool is_section(const std::string& key) {
  return key == "world" ||
         std::ranges::any_of(known_keys(), [&](const Key& k) { return k.name.starts_with(key + "."); });
}

[[noreturn]] void refuse_key(const std::string& key, const std::string& where) {
  if (is_section(key)) throw Error(key + " (" + where + "): a section; expected " + key + ".key=value");
  const std::string known = nearest_key(key);
  throw Error(key + " (" + where + "): no such key" + (known.empty() ? "" : "; did you mean " + known + "?"));
}

bool read_world_value(const YAML::Node& value, double& number) {
  if (!value.IsScalar()) return false;
  if (value.Scalar() == "true" || value.Scalar() == "false") {
    number = value.Scalar() == "true";
    return true;
  }
  return read_number(value.Scalar(), number);
}

/// Collects settings key by key; each remembers where it came from, for the checks that look at two of them.
class Reading {
 public:
  void file(const YAML::Node& root, const std::string& name) { walk("", root, name, 0); }
  void override_one(const std::string& text);
  Settings checked();

 private:
  void walk(const std::string& key, const YAML::Node& value, const std::string& name, int line);
  void assign(const std::string& key, const YAML::Node& value, const std::string& where);
  void assign_world(const std::string& key, const YAML::Node& value, const std::string& where);
  void require(bool holds, const char* name, const std::string& expected);

  Settings settings_;
  std::map<std::string, std::string> where_;
};

/// Descends from the file's root to values; `key` is the dotted path so far, its last part stands in `line` (from 0).
void Reading::walk(const std::string& key, const YAML::Node& value, const std::string& name, int line) {
  const std::string where = place(name, line);
  const bool inside = key.empty() || is_section(key);
  if (inside && value.IsNull()) return;  // an empty section, or an empty file
  if (!inside || !value.IsMap()) {
    if (key.empty()) throw Error(where + ": expected sections of settings (`train:`), not " + as_written(value));
    if (inside) refuse(key, value, where, "a section of settings, `name: value` each");
    if (auto [at, is_new] = where_.emplace(key, where); !is_new) {
      throw Error(key + " (" + where + "): given twice, first at " + at->second);
    }
    return assign(key, value, where);
  }
  for (const auto& entry : value) {
    const int at = entry.first.Mark().line;
    if (!entry.first.IsScalar()) throw Error(place(name, at) + ": expected a key, not " + as_written(entry.first));
    walk(key.empty() ? entry.first.Scalar() : key + "." + entry.first.Scalar(), entry.second, name, at);
  }
}

void Reading::override_one(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(one_line(text) + " (" + kCommandLine + "): expected section.key=value");
  }
  const std::string key = text.substr(0, equals);
  YAML::Node value;
  try {
    value = YAML::Load(text.substr(equals + 1));
  } catch (const YAML::Exception& error) {
    throw Error(key + " = " + one_line(text.substr(equals + 1)) + " (" + kCommandLine + "): not YAML: " + error.msg);
  }
  where_[key] = kCommandLine;
  assign(key, value, kCommandLine);
}

void Reading::assign(const std::string& key, const YAML::Node& value, const std::string& where) {
  const Key* known = find_key(key);
  if (known == nullptr && key.starts_with(kWorld) && key.size() > kWorld.size()) return assign_world(key, value, where);
  if (known == nullptr) refuse_key(key, where);
  if (!value.IsScalar()) refuse(key, value, where, allowed_text(*known));
  if (std::string expected = set_value(*known, settings_, value.Scalar()); !expected.empty()) {
    refuse(key, value, where, expected);
  }
}

void Reading::assign_world(const std::string& key, const YAML::Node& value, const std::string& where) {
  WorldSetting setting{.key = key.substr(kWorld.size()), .values = {}, .where = where};
  const bool is_pair = value.IsSequence() && value.size() == 2;
  setting.values.resize(is_pair ? 2 : 1);
  const bool read = is_pair
                        ? read_world_value(value[0], setting.values[0]) && read_world_value(value[1], setting.values[1])
                        : read_world_value(value, setting.values[0]);
  if (!read) refuse(key, value, where, "a number, true, false, or [low, high]");
  std::vector<WorldSetting>& all = settings_.world.values;
  const auto same = std::ranges::find(all, setting.key, &WorldSetting::key);
  same == all.end() ? all.push_back(setting) : void(*same = setting);
}

void Reading::require(bool holds, const char* name, const std::string& expected) {
  if (holds) return;
  const auto at = where_.find(name);
  throw Error(std::string(name) + " = " + value_text(*find_key(name), settings_) + " (" +
              (at == where_.end() ? "default" : at->second) + "): expected " + expected);
}

/// What single ranges cannot say.
Settings Reading::checked() {
  const MemorySettings& memory = settings_.memory;
  const ExpireSpanSettings& spans = settings_.expire_span;
  require(memory.width % memory.heads == 0, "memory.heads",
          "a divisor of memory.width = " + std::to_string(memory.width));
  const bool recurrent = memory.kind == "gru" || memory.kind == "lstm";
  require(!recurrent || memory.storage == "float32", "memory.storage", "float32 where memory.kind has no slots");
  const bool sinks = memory.kind != "adaptive_span" && memory.kind != "none" && !recurrent;
  require(sinks || memory.sinks == 0, "memory.sinks", "0 where memory.kind is " + memory.kind);
  require(memory.slots == 0 || memory.slots > memory.sinks, "memory.slots",
          "0 or at least " + std::to_string(memory.sinks + 1) + ": the own step and memory.sinks");
  if (memory.kind == "adaptive_span") {
    require(settings_.adaptive_span.first_span <= memory.max_span, "adaptive_span.first_span",
            "at most memory.max_span = " + std::to_string(memory.max_span));
  }
  if (memory.kind == "expire_span") {
    const std::string under_top = "less than memory.max_span = " + std::to_string(memory.max_span);
    require(spans.form != "log" || spans.first_span < memory.max_span, "expire_span.first_span", under_top);
    require(spans.least_span < memory.max_span, "expire_span.least_span", under_top);
    require(!spans.divide_by_ramp || spans.form == "log" || spans.ramp > 0, "expire_span.ramp",
            "a number of steps where expire_span.divide_by_ramp is set");
    require(spans.restore_at <= spans.open_at, "expire_span.restore_at",
            "at most expire_span.open_at = " + number_text(spans.open_at));
  }
  return settings_;
}

}  // namespace

Settings parse_settings(const std::string& text, const std::string& name, std::span<const std::string> overrides) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    throw Error(place(name, error.mark.line) + ": not YAML: " + error.msg);
  }
  if (documents.size() > 1) throw Error(name + ": expected one YAML document, not " + std::to_string(documents.size()));
  Reading reading;
  if (!documents.empty()) reading.file(documents[0], name);
  for (const std::string& text_of_one : overrides) reading.override_one(text_of_one);
  return reading.checked();
}

Settings read_settings(const std::string& path, std::span<const std::string> overrides) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw Error(path + ": no such file");
  std::ifstream file(path);
  std::stringstream text;
  if (!file || std::filesystem::is_directory(path, error) || !(text << file.rdbuf() || file.peek() == EOF)) {
    throw Error(path + ": cannot be read");
  }
  return parse_settings(text.str(), path, overrides);
}

}  // namespace wane
