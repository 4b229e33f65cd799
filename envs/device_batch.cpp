#include "envs/device_batch.h"

#include <string>

#include "configs/error.h"

namespace wane {
namespace {

WaneSpecV1 spec_of(const WaneWorldV1& world, const WaneBatch* lanes) {
  WaneSpecV1 spec;
  world.spec(lanes, &spec);
  return spec;
}

std::size_t product(int envs, int each) { return static_cast<std::size_t>(envs) * static_cast<std::size_t>(each); }

}  // namespace

DeviceBatch::DeviceBatch(const WaneWorldV1& world, std::span<const WorldSetting> values, int envs,
                         std::uint64_t run_seed, std::uint64_t first_lane)
    : world_(&world), lanes_(create_lanes(world, values, envs, run_seed, first_lane)), envs_(envs),
      spec_(spec_of(world, lanes_.get())), observations_(product(envs, spec_.cells)), terminated_(product(envs, 1)),
      truncated_(product(envs, 1)), floats_(product(envs, spec_.floats)), rewards_(product(envs, 1)),
      episodes_(product(envs, 1)), buffers_{observations_.data(), floats_.data(),    rewards_.data(),
                                            terminated_.data(),   truncated_.data(), episodes_.data()} {
  reset_all();
}

void DeviceBatch::call(int result) const {
  if (result != 0) throw Error("world `" + std::string(world_->id) + "`: " + world_->last_error());
}

void DeviceBatch::set_difficulty(float difficulty) {
  check(difficulty >= 0 && difficulty <= 1, "difficulty is 0..1");
  world_->set_difficulty(lanes_.get(), difficulty);
}

void DeviceBatch::reset_all() { call(world_->reset(lanes_.get(), 0, envs_, &buffers_)); }
void DeviceBatch::step(const std::int32_t* actions) { call(world_->step(lanes_.get(), 0, envs_, actions, &buffers_)); }
void DeviceBatch::reset_done() { call(world_->reset_done(lanes_.get(), 0, envs_, &buffers_)); }

DeviceBatch::Host DeviceBatch::fetch() const {
  return {observations_.fetch(), terminated_.fetch(), truncated_.fetch(),
          floats_.fetch(),       rewards_.fetch(),    episodes_.fetch()};
}

std::vector<std::uint8_t> DeviceBatch::save() const {
  std::vector<std::uint8_t> bytes(world_->save_size(lanes_.get()));
  call(world_->save(lanes_.get(), bytes.data(), bytes.size()));
  return bytes;
}

void DeviceBatch::load(std::span<const std::uint8_t> bytes) {
  call(world_->load(lanes_.get(), bytes.data(), bytes.size(), &buffers_));
}

}  // namespace wane
