#include "apps/viewer/remembered.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "configs/error.h"
#include "configs/write_file.h"

namespace wane::viewer {
namespace {

std::filesystem::path file() {
  const char* const configured = std::getenv("XDG_CONFIG_HOME");
  const char* const home = std::getenv("HOME");
  if (configured && *configured) return std::filesystem::path(configured) / "wane/viewer.json";
  return home ? std::filesystem::path(home) / ".config/wane/viewer.json" : std::filesystem::path();
}

}  // namespace

Remembered recall() {
  Remembered out;
  std::ifstream text(file());
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return out;
  try {
    out.width = std::clamp(json.value("width", out.width), 480, 16384);
    out.height = std::clamp(json.value("height", out.height), 320, 16384);
    out.light = json.value("light", out.light);
    out.recent = json.value("recent", out.recent);
    out.speed = std::clamp(json.value("speed", out.speed), 1.F, 4096.F);
  } catch (const nlohmann::json::exception&) {
    return {};
  }
  return out;
}

void remember(const Remembered& remembered) {
  const std::filesystem::path path = file();
  if (path.empty()) return;
  const nlohmann::json json = {{"width", remembered.width},
                               {"height", remembered.height},
                               {"light", remembered.light},
                               {"recent", remembered.recent},
                               {"speed", remembered.speed}};
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  try {
    write_file_atomically(path, json.dump(2) + "\n");
  } catch (const Error&) {  // a home that cannot be written to
    return;
  }
}

}  // namespace wane::viewer
