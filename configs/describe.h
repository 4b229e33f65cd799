#pragma once
// What is known of every setting beside its default (settings.h): key, place, what is allowed, unit, meaning. One line
// per field, in `settings.cpp`, where the compiler counts that no field lacks its line. Values and texts: `value.cpp`.
//
//   Settings s;
//   for (const Key& key : known_keys()) print(key.name, value_text(key, s), key.meaning, allowed_text(key));
//   set_value(*find_key("a2c.gamma"), s, "0.95");  // ""; or what it expected: "0..1"
//
// `world.<key>` is not here: worlds declare their own settings (`envs/batch.h`).

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "configs/settings.h"

namespace wane {

/// What a value may be: a number in low..high, both included, or one of `words`, or (words empty, no number) any word.
struct Allowed {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::string_view words = "";      // "adam | rmsprop"
  std::string_view zero_word = "";  // the only way to write the number 0, where that has a meaning of its own
};

using Place = std::variant<bool*, int*, std::int64_t*, std::uint64_t*, double*, std::string*>;

struct Key {
  std::string_view name;  // "a2c.gamma"
  Place (*place)(Settings&);
  Allowed allowed;
  std::string_view unit;  // "" for a pure number
  std::string_view meaning;
};

/// All keys, sections together, in the order of settings.h.
std::span<const Key> known_keys();

/// nullptr when there is no such key.
const Key* find_key(std::string_view name);

/// "0..1", "at least 1 frames", "adam | rmsprop", "true or false": what `key` may be, for people.
std::string allowed_text(const Key& key);

/// The value as YAML writes it; numbers as short as they can be and still read back to the same bits.
std::string value_text(const Key& key, const Settings& settings);
std::string number_text(double number);

/// Sets the value and returns ""; or leaves it as it was and returns what was expected instead, `allowed_text(key)` or
/// more exact ("a whole number, at least 1 frames"). Whole numbers may be written 1e6.
std::string set_value(const Key& key, Settings& settings, std::string_view text);

/// A finite number, written in full and nothing else. False, `number` untouched, when it is not one.
bool read_number(std::string_view text, double& number);

}  // namespace wane
