#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/bench.h"
#include "configs/error.h"

namespace wane {
namespace {

/// Every number by its place: `a.b.2.c`.
void list_numbers(const nlohmann::json& from, const std::string& place,
                  std::vector<std::pair<std::string, double>>& to) {
  if (from.is_number()) to.emplace_back(place, from.get<double>());
  const auto below = [&](const std::string& key) { return place.empty() ? key : place + "." + key; };
  if (from.is_object()) {
    for (const auto& [key, value] : from.items()) list_numbers(value, below(key), to);
  } else if (from.is_array()) {
    for (std::size_t i = 0; i < from.size(); ++i) list_numbers(from[i], below(std::to_string(i)), to);
  }
}

}  // namespace

void print_against(const nlohmann::json& result, const std::string& against) {
  std::ifstream file(against);
  if (!file) throw Error("--against " + against + ": cannot be read");
  const auto earlier = nlohmann::json::parse(file, nullptr, false);
  if (earlier.is_discarded()) throw Error("--against " + against + ": expected the JSON of an earlier --json");
  std::vector<std::pair<std::string, double>> now, then;
  list_numbers(result, "", now);
  list_numbers(earlier, "", then);
  fmt::print("{:<44} {:>14} {:>14} {:>8}\n", "", "now", "then", "ratio");
  for (const auto& [place, number] : now) {
    for (const auto& [other, before] : then) {
      if (other == place) fmt::print("{:<44} {:>14.5g} {:>14.5g} {:>8.3f}\n", place, number, before, number / before);
    }
  }
}

}  // namespace wane
