#include "tiny.h"

#include <torch/types.h>

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "configs/reader.h"

namespace wane {
namespace {

constexpr const char* kTiny = R"(
world: {name: corridor, length: [2, 4]}
train: {envs: 8, steps: 8, seed: 1, threads: 1}
eval: {episodes: 16}
memory: {width: 16, heads: 2, feed_forward: 2, max_span: 64, position_window: 9}
expire_span: {first_span: 20, restore_at: 0}
)";

}  // namespace

Settings tiny(const std::vector<std::string>& overrides) { return parse_settings(kTiny, "tiny", overrides); }

Acting::Acting(const Settings& s)
    : settings(s), batch(find_world(s.world.name), s.world.values, s.train.envs, s.train.seed),
      agent(s, Senses::of(batch, s.network), s.train.seed), memory(agent.memory().begin(s.train.envs, s.train.steps)),
      previous(s.train.envs), rollout(agent.senses(), s.train.envs, s.train.steps) {
  rollout.slip = s.curriculum.slip;
}

void Acting::collect() { wane::collect(agent, memory, batch, previous, settings.train.seed, rollout); }

void Acting::next_block() { agent.memory().refresh(memory); }

Observation sense_alone(const Senses& senses, const Batch& batch, const Previous& previous, int lane) {
  Observation seen{torch::empty({1, senses.symbols()}, torch::kInt64), torch::empty({1, senses.numbers()})};
  sense(senses, batch, previous, lane, seen.symbols.data_ptr<std::int64_t>(), seen.numbers.data_ptr<float>());
  return seen;
}

Decision step(const Agent& agent, MemoryState& memory, const Observation& seen) {
  Moment now = agent.moment(memory.envs);
  now.seen = seen;
  agent.step(memory, now);
  return now.decision;
}

std::vector<std::pair<std::string, torch::Tensor>> weights(const Agent& agent) {
  std::vector<std::pair<std::string, torch::Tensor>> list;
  for (const auto& item : agent.named_parameters()) list.emplace_back(item.key(), item.value().detach().clone());
  return list;
}

bool same(const torch::Tensor& a, const torch::Tensor& b) { return torch::equal(a, b); }

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "wane-agents-XXXXXX").string();
  check(mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
  path_ = name;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace wane
