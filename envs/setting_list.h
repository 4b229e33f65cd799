#pragma once
// From a world's `Settings::describe` to the C table and back: `describe` runs once to list the fields with their
// defaults, and once per batch to write the values in. An author declares a field by its initialiser and one line:
//
//   setting("length", length, 2, 1000, "cells", "hallway, drawn per episode");  // name, field, least, most, unit, doc
//
// Installed; std only. Include `world.h`, not this.

#include <cstdint>
#include <type_traits>
#include <vector>

#include "envs/range.h"
#include "envs/wane_world.h"

namespace wane {

struct ListSettings {
  std::vector<WaneSettingV1> list;

  template <class Field>
  void operator()(const char* name, const Field& field, double least, double most, const char* unit, const char* doc) {
    WaneSettingV1 row{name, unit, doc, 0, least, most, {0, 0}};
    if constexpr (requires { field.lo; }) {
      row.kind = std::is_integral_v<decltype(field.lo)> ? WANE_INTEGER_RANGE : WANE_REAL_RANGE;
      row.preset[0] = field.lo;
      row.preset[1] = field.hi;
    } else {
      row.kind = std::is_same_v<Field, bool> ? WANE_BOOLEAN : std::is_integral_v<Field> ? WANE_INTEGER : WANE_REAL;
      row.preset[0] = field;
    }
    list.push_back(row);
  }
  /// A boolean has no bounds and no unit.
  void operator()(const char* name, const bool& field, const char* doc) { (*this)(name, field, 0, 1, "", doc); }
};

struct AssignSettings {
  const double* next;  // two doubles per setting, in the order of `describe`

  template <class Field>
  void operator()(const char*, Field& field, double, double, const char*, const char*) {
    if constexpr (requires { field.lo; })
      field = {static_cast<decltype(field.lo)>(next[0]), static_cast<decltype(field.hi)>(next[1])};
    else field = static_cast<Field>(next[0]);
    next += 2;
  }
  void operator()(const char* name, bool& field, const char* doc) { (*this)(name, field, 0, 1, "", doc); }
};

/// The rows of a world's settings.
template <class World>
std::vector<WaneSettingV1> list_settings() {
  typename World::Settings settings;
  ListSettings visit;
  settings.describe(visit);
  return visit.list;
}

/// Settings with `values` (settings, 2) in them; the caller has checked kinds and bounds.
template <class World>
typename World::Settings assign_settings(const double* values) {
  typename World::Settings settings;
  AssignSettings visit{values};
  settings.describe(visit);
  return settings;
}

}  // namespace wane
