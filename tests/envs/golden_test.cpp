// Golden episodes: text files that say what a world shows, step by step. They pin rules, codes, rewards and random
// numbers.
//
// A file's head and the actions at the line starts are the input; the rest is output. To add an episode, write
// `world`, `settings`, `difficulty`, `seed` and lines that hold an action's number each; then run with
// WANE_REWRITE_GOLDEN=1 and read the result.

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "play.h"

namespace wane {
namespace {

namespace fs = std::filesystem;

struct Golden {
  std::string world;
  Values settings;
  float difficulty = 1;
  std::uint64_t seed = 0;
  std::vector<int> actions;
};

Golden parse(const std::string& file) {
  Golden golden;
  std::istringstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "world") words >> golden.world;
    if (first == "difficulty") words >> golden.difficulty;
    if (first == "seed") words >> golden.seed;
    if (first == "settings")
      for (std::string word; words >> word;) {
        WorldSetting setting{word.substr(0, word.find('=')), {}, "golden"};
        std::istringstream numbers(word.substr(word.find('=') + 1));
        for (std::string number; std::getline(numbers, number, ',');) setting.values.push_back(std::stod(number));
        golden.settings.push_back(setting);
      }
    if (!first.empty() && first.find_first_not_of("0123456789") == std::string::npos)
      golden.actions.push_back(std::stoi(first));
  }
  return golden;
}

/// The shortest text that is this very float.
std::string show(float number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string show(const Seen& seen) {
  std::ostringstream out;
  for (const std::uint8_t code : seen.view) out << ' ' << int{code};
  for (const float number : seen.floats) out << " f" << show(number);
  out << " | " << show(seen.reward) << (seen.terminated ? " terminated" : "") << (seen.truncated ? " truncated" : "");
  return out.str();
}

std::string render(const Golden& golden) {
  Player player(find_world(golden.world), golden.settings, golden.seed, golden.difficulty);
  std::ostringstream out;
  out << "world " << golden.world << "\nsettings";
  for (const WorldSetting& s : golden.settings) {
    out << ' ' << s.key << '=' << s.values[0];
    if (s.values.size() > 1) out << ',' << s.values[1];
  }
  out << "\ndifficulty " << golden.difficulty << "\nseed " << golden.seed << "\n\nstart:" << show(player.last) << '\n';
  for (const int action : golden.actions) {
    if (player.ended()) {
      out << "the episode ended before action " << action << '\n';
      break;
    }
    player.step(action);
    out << action << ' ' << player.batch().action_names()[static_cast<std::size_t>(action)] << ':' << show(player.last)
        << '\n';
  }
  if (player.ended()) {
    const Batch::Episode e = player.episode();
    out << "\nreturn " << show(e.episode_return) << "\nlength " << e.length << "\nsize " << e.size << "\nsuccess "
        << e.success << '\n';
  }
  return out.str();
}

std::vector<fs::path> files() {
  std::set<fs::path> sorted;
  for (const auto& entry : fs::directory_iterator(WANE_GOLDEN_DIR))
    if (entry.path().extension() == ".txt") sorted.insert(entry.path());
  return {sorted.begin(), sorted.end()};
}

std::string read(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Golden, EpisodesAreAsWritten) {
  for (const fs::path& path : files()) {
    const std::string written = read(path), played = render(parse(written));
    if (std::getenv("WANE_REWRITE_GOLDEN")) {
      std::ofstream(path) << played;
      continue;
    }
    EXPECT_EQ(played, written) << path;
  }
}

TEST(Golden, EveryRegisteredWorldHasOneThatEnds) {
  std::set<std::string> ended;
  for (const fs::path& path : files()) {
    const std::string text = read(path);
    if (text.find("\nsuccess ") != std::string::npos) ended.insert(parse(text).world);
  }
  for (const WaneWorldV1* world : worlds())
    EXPECT_TRUE(ended.count(world->id)) << world->id << " has no golden episode in tests/envs/golden";
}

}  // namespace
}  // namespace wane
