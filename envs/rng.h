#pragma once
// Random numbers without streams: Philox4x32-10, a counter-based generator (Salmon et al., "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011, section 3.3). The number for (purpose, seed, lane, step) is a pure function of the
// four, so thread counts, the order of lanes and resuming cannot change it, and nothing but the step needs saving.
//
//   double u = uniform01(Purpose::action, run_seed, lane, step);    // agents: one number per lane and step
//   Rng rng(episode_seed);  int length = rng.uniform(Range<int>{3, 200});  // worlds: draws of one episode, in order
//
// Purposes and lanes share nothing: they are different words of the counter. Not for cryptography. Std only.

#include <array>
#include <cstdint>

#include "envs/range.h"

namespace wane {

/// What a random number is for. The values are part of every checkpoint and golden episode: append, never renumber.
enum class Purpose : std::uint32_t {
  episode = 0,        // a world's own draws
  action = 1,         // sampling from the policy
  weights = 2,        // initial weights
  span_dropout = 3,   // expire_span.span_dropout
  evaluation = 4,     // sampling from the policy while evaluating
  test = 5,           // random actions in tests and benchmarks
  bootstrap = 6,      // resampling of seeds in reports
  shuffled_life = 7,  // whose life a slot is given, where an evaluation shuffles them
  tuning = 8,         // settings that a comparison tries
};

/// The bare function: ten rounds on a 128-bit counter under a 64-bit key. Words are little end first.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return c;
}

/// 128 random bits for one (purpose, seed, lane, step). `lane` is 0..2^32-1.
constexpr std::array<std::uint32_t, 4> philox4x32(Purpose purpose, std::uint64_t seed, std::uint64_t lane,
                                                  std::uint64_t step) {
  return philox4x32({static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32),
                     static_cast<std::uint32_t>(lane), static_cast<std::uint32_t>(purpose)},
                    {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

/// 64 bits -> [0, 1), 53 of them used.
constexpr double to_uniform01(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

/// One number in [0, 1) for (purpose, seed, lane, step).
constexpr double uniform01(Purpose purpose, std::uint64_t seed, std::uint64_t lane, std::uint64_t step) {
  const auto w = philox4x32(purpose, seed, lane, step);
  return to_uniform01(std::uint64_t{w[1]} << 32 | w[0]);
}

/// Mixes any number of 64-bit words into one, order included (splitmix64's finaliser after each word; Steele et al.,
/// OOPSLA 2014).
template <class... Words>
constexpr std::uint64_t hash(Words... words) {
  std::uint64_t h = 0;
  const auto mix = [&h](std::uint64_t word) {
    h = (h ^ word) + 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    h ^= h >> 31;
  };
  (mix(static_cast<std::uint64_t>(words)), ...);
  return h;
}

/// The seed of a lane's n-th episode. Runs with neighbouring seeds share no episodes.
constexpr std::uint64_t episode_seed(std::uint64_t run_seed, std::uint64_t lane, std::uint64_t episode) {
  return hash(run_seed, lane, episode);
}

/// Draws in order, for one episode. Trivially copyable: a world that also draws while it steps keeps its Rng as a
/// member.
class Rng {
 public:
  constexpr Rng() = default;
  constexpr explicit Rng(std::uint64_t seed, Purpose purpose = Purpose::episode, std::uint32_t stream = 0)
      : seed_(seed), purpose_(purpose), stream_(stream) {}

  constexpr std::uint64_t bits() {
    if (next_ == 4) {
      words_ = philox4x32(purpose_, seed_, stream_, block_++);
      next_ = 0;
    }
    next_ += 2;
    return std::uint64_t{words_[next_ - 1]} << 32 | words_[next_ - 2];
  }

  /// 0..n-1, n >= 1. Multiply and shift: off from uniform by less than n / 2^64.
  constexpr int uniform(int n) {
    const std::uint64_t x = bits(), m = static_cast<std::uint32_t>(n);
    return static_cast<int>(((x >> 32) * m + (((x & 0xFFFFFFFFu) * m) >> 32)) >> 32);
  }
  constexpr int uniform(Range<int> r) { return r.lo + uniform(r.hi - r.lo + 1); }  // lo..hi, both included

  constexpr double uniform01() { return to_uniform01(bits()); }  // [0, 1)

  /// lo..hi. 24 bits, so that the product is exact and the result the same on every platform.
  constexpr float uniform(Range<float> r) {
    return static_cast<float>(r.lo + static_cast<double>(r.hi - r.lo) * (static_cast<double>(bits() >> 40) * 0x1p-24));
  }

 private:
  std::uint64_t seed_ = 0, block_ = 0;
  Purpose purpose_ = Purpose::episode;
  std::uint32_t stream_ = 0;
  std::array<std::uint32_t, 4> words_{};
  std::uint64_t next_ = 4;  // word to hand out next; 4 = none left
};

}  // namespace wane
