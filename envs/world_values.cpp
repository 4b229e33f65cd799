#include "envs/world_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <string_view>

#include "configs/error.h"
#include "configs/nearest.h"

namespace wane {
namespace {

std::string print(double value) {
  std::ostringstream out;
  out.precision(9);
  out << value;
  return out.str();
}

std::string print(std::span<const double> values) {
  if (values.size() == 1) return print(values[0]);
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) out.append(i ? ", " : "").append(print(values[i]));
  return out + "]";
}

/// Worlds declare -0.02f: as a double that is -0.02, not what the float's bits say.
double as_declared(double value) {
  if (static_cast<double>(static_cast<float>(value)) != value) return value;
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr;
  std::from_chars(text, end, value);
  return value;
}

bool is_range(const WaneSettingV1& s) { return s.kind == WANE_INTEGER_RANGE || s.kind == WANE_REAL_RANGE; }
bool is_whole(const WaneSettingV1& s) { return s.kind != WANE_REAL && s.kind != WANE_REAL_RANGE; }

bool allowed(const WaneSettingV1& s, std::span<const double> values) {
  if (values.size() != (is_range(s) ? 2u : 1u)) return false;
  for (const double v : values)
    if (!(v >= s.least && v <= s.most) || (is_whole(s) && v != std::floor(v))) return false;
  return values.front() <= values.back();
}

[[noreturn]] void fail_unknown(const WaneWorldV1& world, std::span<const WaneSettingV1> settings,
                               const WorldSetting& w) {
  std::vector<std::string_view> known;
  for (const WaneSettingV1& s : settings) known.push_back(s.name);
  std::string message = "world." + w.key + " (" + w.where + "): the world `" + world.id + "` has no such setting";
  const std::string near = nearest(w.key, known);
  if (!near.empty()) message += "; did you mean world." + near + "?";
  message += known.empty() ? "; it has none" : "; it has";
  for (const std::string_view name : known) message.append(" ").append(name);
  throw Error(message);
}

}  // namespace

std::string describe_allowed(const WaneSettingV1& s) {
  if (s.kind == WANE_BOOLEAN) return "true or false";
  const std::string bounds = print(s.least) + ".." + print(s.most) + (*s.unit ? " " : "") + s.unit;
  if (is_range(s)) return std::string(is_whole(s) ? "integers" : "numbers") + " [lo, hi], lo <= hi, both in " + bounds;
  return (is_whole(s) ? "an integer in " : "a number in ") + bounds;
}

std::vector<double> world_values(const WaneWorldV1& world, std::span<const WorldSetting> written) {
  check_version(world);
  const std::span settings(world.settings, static_cast<std::size_t>(world.settings_count));
  std::vector<double> values;
  for (const WaneSettingV1& s : settings) values.insert(values.end(), {s.preset[0], s.preset[1]});
  for (const WorldSetting& w : written) {
    const auto s =
        std::find_if(settings.begin(), settings.end(), [&](const WaneSettingV1& row) { return w.key == row.name; });
    if (s == settings.end()) fail_unknown(world, settings, w);
    if (!allowed(*s, w.values))
      throw Error("world." + w.key + " = " + print(w.values) + " (" + w.where + "): expected " + describe_allowed(*s));
    std::copy(w.values.begin(), w.values.end(), values.begin() + 2 * (s - settings.begin()));
  }
  return values;
}

std::vector<WorldSetting> all_settings(const WaneWorldV1& world, std::span<const WorldSetting> written) {
  const std::vector<double> values = world_values(world, written);
  std::vector<WorldSetting> all;
  for (int i = 0; i < world.settings_count; ++i) {
    WorldSetting setting{world.settings[i].name, {as_declared(values[2 * i])}, ""};
    if (is_range(world.settings[i])) setting.values.push_back(as_declared(values[2 * i + 1]));
    all.push_back(std::move(setting));
  }
  return all;
}

void check_version(const WaneWorldV1& world) {
  if (world.version == WANE_WORLD_VERSION && world.struct_size >= sizeof(WaneWorldV1)) return;
  throw Error("this world was built for version " + std::to_string(world.version) + " of wane_world.h (table of " +
              std::to_string(world.struct_size) + " bytes); expected version " + std::to_string(WANE_WORLD_VERSION) +
              " (" + std::to_string(sizeof(WaneWorldV1)) + " bytes): rebuild it against this wane");
}

}  // namespace wane
