#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage =
    R"(Recall: a value for each of many keys, said once amid noise, and a question about every one of them.
Multi-query associative recall (Arora et al. 2023, "Zoology"), which takes a recurrent network a state that grows with
the pairs, as an episode; with noise besides, which looks alike and is worth nothing.

Rules. N pairs of a key and a value are told, one per step, amid M steps of noise; every order of pairs and noise is
as likely. N is `pairs`, or `keys` where that is less; M is drawn per episode from `noise`. The keys of the pairs
differ from each other, every choice of N of the `keys` as likely; each value, one of `values`, is drawn on its own,
each as likely. A step of noise shows a key and a value too, any of them as likely, but is marked as noise and counts
for nothing. Then N questions follow: each key of a pair is asked once, in any order, and the action taken there answers
it. Right is the value that came with this key. An action is one of the values; actions at pairs and noise are ignored
and change nothing, and no answer does. After the last answer its question is still seen.

Observation: 3 cells, no floats (no previous action or reward). Codes, per cell:
  mark: 0 noise, 1 pair, 2 question
  key: 0..keys-1
  value: 0..values-1; 0 in a question

Rewards: 1 for a right answer, `wrong_reward` for a wrong one, 0 for all other steps.
End: the last answer terminates, after 2 N + M steps. Success: right answers divided by N.
Size: N. Difficulty d: max(1, round(N d)) pairs, and noise from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return N. Without memory, 1 / `values`: 0.125 at the defaults. A memory of
the last n pairs alone: (n + (N - n) / values) / N. To be perfect at least N log2(values) bits must be held when the
first question comes, to be found by key: 48 at the defaults.
)";

constexpr int kMostPairs = 64, kMostValues = 16;
enum Mark : std::uint8_t { kNoise, kPair, kQuestion, kMarks };

struct Recall {
  struct Settings {
    int pairs = 16, keys = 32, values = 8;
    Range<int> noise{0, 128};
    float wrong_reward = 0;

    void describe(auto&& setting) {
      setting("pairs", pairs, 1, kMostPairs, "pairs", "N, told and asked for; no more than `keys`");
      setting("keys", keys, 1, kMostPairs, "keys", "that pairs and noise choose from");
      setting("values", values, 2, kMostValues, "values", "that a key may have; one action for each");
      setting("noise", noise, 0, 1'000'000, "steps", "M, amid the pairs, drawn per episode");
      setting("wrong_reward", wrong_reward, -10, 1, "reward", "of a wrong answer; the right one gives 1");
    }
  };

  static constexpr const char* kActions[kMostValues] = {
      "value 0", "value 1", "value 2",  "value 3",  "value 4",  "value 5",  "value 6",  "value 7",
      "value 8", "value 9", "value 10", "value 11", "value 12", "value 13", "value 14", "value 15"};
  static Spec spec(const Settings& s) {
    const int codes = s.keys > s.values ? s.keys : s.values;
    return {.cells = 3,
            .codes = codes > kMarks ? codes : int{kMarks},
            .actions = {kActions, static_cast<std::size_t>(s.values)}};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    pairs = Range<int>{1, s.pairs < s.keys ? s.pairs : s.keys}.scaled(difficulty).hi;
    told = pairs + rng.uniform(s.noise.scaled(difficulty));
    left = pairs;
    draw_some(rng, s.keys, key);
    draw_some(rng, pairs, asked);
    draw_each(rng, s.values, {value_of, static_cast<std::size_t>(pairs)});
    seed = rng.bits();
    say(s);
  }

  /// `to`: the first `pairs` of a random order of 0..n-1 (Knuth, TAOCP 2, 3.4.2, algorithm P, from the front).
  constexpr void draw_some(Rng& rng, int n, std::uint8_t* to) const {
    for (int i = 0; i < n; ++i) to[i] = static_cast<std::uint8_t>(i);
    for (int i = 0; i < pairs; ++i) {
      const int other = i + rng.uniform(n - i);
      const std::uint8_t first = to[i];
      to[i] = to[other];
      to[other] = first;
    }
  }

  /// Puts together what is said at step t. Noise is a function of the seed and t, so that none is stored; a step tells
  /// a pair with probability pairs left / steps left: every order comes out as likely (the same book, algorithm S).
  constexpr void say(const Settings& s) {
    if (t >= told) {
      said = {kQuestion, key[asked[t - told]], 0};
      return;
    }
    Rng rng(seed, Purpose::episode, static_cast<std::uint32_t>(t));
    if (rng.uniform(told - t) < left) {
      const int i = pairs - left--;
      said = {kPair, key[i], value_of[i]};
    } else {
      const int noise = rng.uniform(s.keys * s.values);
      said = {kNoise, static_cast<std::uint8_t>(noise / s.values), static_cast<std::uint8_t>(noise % s.values)};
    }
  }

  constexpr Outcome step(const Settings& s, int action) {
    const int question = t - told;
    ++t;
    float reward = 0;
    if (question >= 0) {
      const bool is_right = action == value_of[asked[question]];
      right |= std::uint64_t{is_right} << asked[question];
      rights += is_right;
      reward = is_right ? 1 : s.wrong_reward;
    }
    if (question == pairs - 1) return {reward, true, static_cast<float>(rights) / static_cast<float>(pairs)};
    say(s);
    return {.reward = reward};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> view) const {
    for (std::size_t i = 0; i < said.size(); ++i) view[i] = said[i];
  }

  constexpr int limit(const Settings&) const { return told + pairs; }
  constexpr int size() const { return pairs; }

  /// A column per key: its letter, a row in which the agent stands at the key that is shown now, and the value that was
  /// told with it, green or red once answered. In view: the key shown now, grey for noise, yellow for a pair, blue for
  /// a question, and the value shown with it.
  Picture picture(const Settings& s) const {
    constexpr std::uint32_t kColours[kMarks] = {kGrey, kYellow, kBlue};
    const auto digit = [](int value) {
      return static_cast<std::uint32_t>(value < 10 ? '0' + value : 'a' + value - 10);
    };
    Picture p(s.keys, 3, {kFloor, 0, 0});
    for (int k = 0; k < s.keys; ++k)
      p.at(k, 0).glyph = static_cast<std::uint32_t>(k < 26 ? 'A' + k : k < 52 ? 'a' + k - 26 : 0x3B1 + k - 52);
    for (int i = 0; i < pairs - left; ++i) p.at(key[i], 2) = {right >> i & 1 ? kGreen : kYellow, digit(value_of[i]), 0};
    for (int question = 0; question < t - told; ++question)
      if (!(right >> asked[question] & 1)) p.at(key[asked[question]], 2).colour = kRed;
    const int now = said[1];
    p.at(now, 0).colour = kColours[said[0]];
    p.at(now, 0).in_view = 1;
    if (said[0] != kQuestion) p.at(now, 2) = {kColours[said[0]], digit(said[2]), 1};
    p.agent_x = now;
    p.agent_y = 1;
    return p;
  }

  std::uint64_t seed, right;         // of the noise; a bit per pair that was answered rightly
  std::int32_t t, told;              // steps taken; steps before the first question
  std::int32_t pairs, left, rights;  // in all, not yet told; right answers
  std::array<std::uint8_t, 3> said;  // mark, key, value
  std::uint8_t key[kMostPairs], value_of[kMostPairs], asked[kMostPairs];  // asked: pairs, in the order of the questions
};

}  // namespace

WANE_WORLD(Recall, "recall", "a value for each of many keys amid noise, and a question about every one of them", kPage)
}  // namespace wane
