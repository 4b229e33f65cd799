#pragma once
// From a YAML file and dotted overrides to Settings, and back.
//
//   const std::vector<std::string> overrides = {"a2c.gamma=0.95", "world.length=[3, 50]"};
//   Settings settings = read_settings("configs/corridor.yaml", overrides);
//   std::string yaml = write_settings(settings, true);  // all keys, each with its meaning behind it
//
// A file holds only what differs from the defaults in settings.h. Sections may be nested
// (`train: {stop: {success: 1}}`) or dotted (`train.stop.success: 1`). An override wins over the file, a later one over
// an earlier one.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "configs/settings.h"

namespace wane {

/// Throws Error when the file cannot be read, is not YAML, or has an unknown key (naming the nearest known one), a key
/// given twice, a value of the wrong type or out of range:
///   a2c.gamma = 1.7 (configs/x.yaml:12): expected 0..1
///   a2c.gama (command line): no such key; did you mean a2c.gamma?
/// Keys of `world:` other than `name` are only read (one number, true, false or two numbers), not known here.
Settings read_settings(const std::string& path, std::span<const std::string> overrides);

/// The same from text; `name` stands for the file in messages. Empty text gives the defaults.
Settings parse_settings(const std::string& text, const std::string& name, std::span<const std::string> overrides);

/// Every key, as YAML that reads back to equal settings, doubles to the last bit. `with_comments` puts its meaning and
/// what is allowed behind each; behind the world's own, which are not known here, `world_meanings`.
std::string write_settings(const Settings& settings, bool with_comments,
                           const std::map<std::string, std::string>& world_meanings = {});

/// The dotted keys whose values differ, `world.<key>` included; a world setting that only one of them has differs.
std::vector<std::string> changed_keys(const Settings& a, const Settings& b);

/// Whether a run may be resumed with another value of this key: only how long it goes on, and what it writes down.
bool may_change_on_resume(std::string_view key);

}  // namespace wane
