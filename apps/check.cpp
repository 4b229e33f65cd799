// wane check: what every world must hold, for authors of worlds.

#include "envs/check.h"

#include <fmt/format.h>

#include <cstdio>

#include "apps/commands.h"
#include "apps/config_words.h"
#include "envs/registry.h"

namespace wane {
namespace {

std::string place(const std::vector<WorldSetting>& settings, std::size_t given) {
  if (settings.size() == given) return "";
  const WorldSetting& s = settings.back();
  return s.values.size() == 2 ? fmt::format(" with world.{}=[{:g}, {:g}]", s.key, s.values[0], s.values[1])
                              : fmt::format(" with world.{}={:g}", s.key, s.values[0]);
}

/// What is wrong, or "". A world that throws is wrong too.
template <class Run>
std::string fault_of(const Run& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

int check_world(const CheckCommand& command) {
  const WaneWorldV1& world = find_world(command.world);
  const std::vector<WorldSetting> given = world_settings(command.world, command.overrides);
  int failed = 0;
  for (const WorldCheck& check : world_checks()) {
    std::string wrong;
    for (const auto& settings :
         check.at_every_setting ? settings_to_try(world, given) : std::vector<std::vector<WorldSetting>>{given}) {
      wrong = fault_of([&] { return check.run(world, settings); });
      if (wrong.empty()) continue;
      wrong += place(settings, given.size());
      break;
    }
    fmt::print("{:<6} {:<18} {}\n", wrong.empty() ? "ok" : "FAILED", check.name, check.promise);
    if (!wrong.empty()) fmt::print("       {}\n       {}\n", wrong, check.hint);
    std::fflush(stdout);
    failed += !wrong.empty();
  }
  if (command.steps > 0) {
    const std::string wrong = fault_of([&] { return play_at_random(world, given, command.steps); });
    fmt::print("{:<6} {:<18} {} of them\n", wrong.empty() ? "ok" : "FAILED", "random steps", command.steps);
    if (!wrong.empty()) fmt::print("       {}\n", wrong);
    failed += !wrong.empty();
  }
  if (failed == 0) fmt::print("`{}` keeps all that a world promises.\n", world.id);
  else fmt::print("`{}` fails {} of the checks.\n", world.id, failed);
  return failed ? 1 : 0;
}

}  // namespace wane
