#include <cstdio>

#include "apps/commands.h"
#include "configs/error.h"
#include "configs/reader.h"

namespace wane {

ConfigWords config_words(const std::vector<std::string>& words) {
  if (words.empty() || words[0].find('=') != std::string::npos) {
    throw Error("which configuration? Name a YAML file first, e.g. configs/corridor.yaml");
  }
  return {words[0], {words.begin() + 1, words.end()}};
}

int config(const std::vector<std::string>& words) {
  const ConfigWords parsed = config_words(words);
  std::fputs(write_settings(read_settings(parsed.path, parsed.overrides), true).c_str(), stdout);
  return 0;
}

}  // namespace wane
