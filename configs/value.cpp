// One value of one key: from text, to text, and what it may be.

#include <charconv>
#include <cmath>
#include <type_traits>

#include "configs/describe.h"

namespace wane {
namespace {

template <class Number>
bool read_exactly(std::string_view text, Number& number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number read{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  number = read;
  return true;
}

/// "1500000", and "1.5e6" too: a double that is a whole number and small enough to be exact.
template <class Integer>
bool read_integer(std::string_view text, Integer& integer) {
  if (read_exactly(text, integer)) return true;
  constexpr double exact = 9007199254740992;  // 2^53
  double number;
  if (!read_number(text, number) || number != std::floor(number) || std::abs(number) > exact) return false;
  if (number < 0 && std::is_unsigned_v<Integer>) return false;
  if (sizeof(Integer) < 8 && std::abs(number) > double(std::numeric_limits<Integer>::max())) return false;
  integer = Integer(number);
  return true;
}

bool one_of(std::string_view word, std::string_view words) {  // words: "adam | rmsprop"
  constexpr std::string_view between = " | ";
  while (true) {
    const std::size_t end = words.find(between);
    if (words.substr(0, end) == word) return true;
    if (end == words.npos) return false;
    words.remove_prefix(end + between.size());
  }
}

}  // namespace

bool read_number(std::string_view text, double& number) {
  double read;
  if (!read_exactly(text, read) || !std::isfinite(read)) return false;
  number = read;
  return true;
}

std::string number_text(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string allowed_text(const Key& key) {
  Settings defaults;
  const Place place = key.place(defaults);
  const Allowed& allowed = key.allowed;
  if (std::holds_alternative<bool*>(place)) return "true or false";
  if (std::holds_alternative<std::string*>(place)) return allowed.words.empty() ? "a word" : std::string(allowed.words);
  std::string text = std::isfinite(allowed.high) ? number_text(allowed.low) + ".." + number_text(allowed.high)
                                                 : "at least " + number_text(allowed.low);
  if (!key.unit.empty()) text += " " + std::string(key.unit);
  return allowed.zero_word.empty() ? text : std::string(allowed.zero_word) + ", or " + text;
}

std::string value_text(const Key& key, const Settings& settings) {
  Settings copy = settings;
  return std::visit(
      [&](auto* value) -> std::string {
        using Value = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>) return *value;
        else if constexpr (std::is_same_v<Value, bool>) return *value ? "true" : "false";
        else if (*value == Value(0) && !key.allowed.zero_word.empty()) return std::string(key.allowed.zero_word);
        else if constexpr (std::is_same_v<Value, double>) return number_text(*value);
        else return std::to_string(*value);
      },
      key.place(copy));
}

std::string set_value(const Key& key, Settings& settings, std::string_view text) {
  const Allowed& allowed = key.allowed;
  return std::visit(
      [&](auto* value) -> std::string {
        using Value = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          if (text.empty() || (!allowed.words.empty() && !one_of(text, allowed.words))) return allowed_text(key);
          *value = text;
        } else if constexpr (std::is_same_v<Value, bool>) {
          if (text != "true" && text != "false") return allowed_text(key);
          *value = text == "true";
        } else {
          Value read{};
          if (!allowed.zero_word.empty() && text == allowed.zero_word) {
            *value = read;
            return "";
          }
          if constexpr (std::is_same_v<Value, double>) {
            if (!read_number(text, read)) return "a number, " + allowed_text(key);
          } else if (!read_integer(text, read)) {
            return "a whole number, " + allowed_text(key);
          }
          if (double(read) < allowed.low || double(read) > allowed.high) return allowed_text(key);
          *value = read;
        }
        return "";
      },
      key.place(settings));
}

}  // namespace wane
