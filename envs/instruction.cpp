#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage =
    R"(Instruction: a stream of words, in which the last order to the agent must be found and kept.

Rules. One word is said per step. A line is seven words, `to NAME : VERB COLOUR THING .`; O lines are orders, whose
NAME is you, the others are chatter of the same form to other names. O is drawn per episode from `orders`, the number
of chatter lines from `chatter`. Orders lie anywhere among the lines, every arrangement as likely; names, verbs,
colours and things are drawn anew for every line, each word of its list as likely. After the last line two words ask:
`colour ?` or `thing ?`, either as likely. The action taken at `?` is the answer. Right is the colour or the thing of
the last order; orders before it do not count. An action is one of these words; every action before `?` is ignored and
changes nothing.

Observation: 1 cell, no floats: the word said now (no previous action or reward). Codes:
  0 to   1 :   2 .   3 ?   4 colour   5 thing   6 you
  names:    7 anna  8 ben  9 carl  10 dora  11 emil  12 fay  13 gina  14 hugo
  verbs:    15 bring  16 find  17 hide  18 take
  colours:  19 red  20 blue  21 green  22 yellow  23 purple  24 grey
  things:   25 ball  26 bell  27 book  28 box  29 coin  30 cup  31 key  32 lamp

Rewards: 1 for the right answer, `wrong_reward` for a wrong one, 0 for all other steps.
End: the answer terminates, after 7 (O + chatter) + 2 steps, one per word. Success: the right answer.
Size: words of the episode, 7 (O + chatter) + 2. Difficulty d: chatter from lo..max(lo, round(hi d)).

Best scores. A perfect memory: success 1, return 1. A perfect agent without memory sees `?` alone and answers one
colour: it is asked for in half of the episodes, success 1/12 = 0.083. One that keeps the question's word alone:
(1/6 + 1/8) / 2 = 0.146. At the defaults one that answers by the first order to it: 1/3 + 2/3 0.146 = 0.431; one that
hears no names and answers by the last line: 0.359 (0.250 of the last lines are orders, and 0.146 of the others).
Returns are success + (1 - success) wrong_reward.
)";

enum Code : std::uint8_t { kTo, kColon, kStop, kAsk, kColour, kThing, kYou };
constexpr int kNames = 8, kVerbs = 4, kColours = 6, kThings = 8, kLineWords = 7;
constexpr int kFirstName = kYou + 1, kFirstVerb = kFirstName + kNames, kFirstColour = kFirstVerb + kVerbs,
              kFirstThing = kFirstColour + kColours, kCodes = kFirstThing + kThings;
constexpr const char* kWords[kCodes] = {"to",   ":",    ".",    "?",     "colour", "thing",  "you",   "anna", "ben",
                                        "carl", "dora", "emil", "fay",   "gina",   "hugo",   "bring", "find", "hide",
                                        "take", "red",  "blue", "green", "yellow", "purple", "grey",  "ball", "bell",
                                        "book", "box",  "coin", "cup",   "key",    "lamp"};

struct Instruction {
  struct Settings {
    Range<int> chatter{0, 20}, orders{1, 3};
    float wrong_reward = 0;

    void describe(auto&& setting) {
      setting("chatter", chatter, 0, 1000, "lines", "to other names, drawn per episode");
      setting("orders", orders, 1, 3, "lines", "to the agent, drawn per episode; the last of them counts");
      setting("wrong_reward", wrong_reward, -10, 1, "reward", "of a wrong answer; the right one gives 1");
    }
  };

  static Spec spec(const Settings&) {
    return {.cells = 1, .codes = kCodes, .actions = {kWords + kFirstColour, kColours + kThings}};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    orders_left = static_cast<std::uint8_t>(rng.uniform(s.orders));
    lines = orders_left + rng.uniform(s.chatter.scaled(difficulty));
    asks_thing = static_cast<std::uint8_t>(rng.uniform(2));
    seed = rng.bits();
    begin_line();
  }

  /// Puts together the words of the line that begins, or of the question. The words of line k are a function of the
  /// seed and k, so that no line is stored. A line is an order with probability orders left / lines left: every
  /// arrangement comes out as likely (Knuth, TAOCP 2, 3.4.2, algorithm S).
  constexpr void begin_line() {
    const auto pick = [](std::uint32_t random, int n) {  // 0..n-1
      return static_cast<int>(std::uint64_t{random} * static_cast<std::uint64_t>(n) >> 32);
    };
    position = 0;
    if (line == lines) {
      said = {asks_thing ? kThing : kColour, kAsk};
      return;
    }
    const auto random = philox4x32(Purpose::episode, seed, 0, static_cast<std::uint64_t>(line));
    const int name_and_verb = pick(random[1], kNames * kVerbs);
    const auto name = static_cast<std::uint8_t>(kFirstName + name_and_verb / kVerbs);
    const auto verb = static_cast<std::uint8_t>(kFirstVerb + name_and_verb % kVerbs);
    const auto colour = static_cast<std::uint8_t>(kFirstColour + pick(random[2], kColours));
    const auto thing = static_cast<std::uint8_t>(kFirstThing + pick(random[3], kThings));
    const bool is_order = pick(random[0], lines - line) < orders_left;
    if (is_order) {
      --orders_left;
      answer = asks_thing ? thing : colour;
    }
    said = {kTo, is_order ? std::uint8_t{kYou} : name, kColon, verb, colour, thing, kStop};
  }

  constexpr Outcome step(const Settings& s, int action) {
    if (said[position] == kAsk) {
      const bool right = kFirstColour + action == answer;
      return {right ? 1 : s.wrong_reward, true, right ? 1.f : 0.f};
    }
    if (++position == kLineWords) {
      ++line;
      begin_line();
    }
    return {};
  }

  constexpr void observe(const Settings&, std::span<std::uint8_t> view) const { view[0] = said[position]; }

  constexpr int limit(const Settings&) const { return kLineWords * lines + 2; }
  constexpr int size() const { return kLineWords * lines + 2; }

  /// The line so far, a word per row, a letter per tile; the word said now is in view. Colours have their colour.
  Picture picture(const Settings&) const {
    constexpr std::uint32_t kTints[kColours] = {kRed, kBlue, kGreen, kYellow, kPurple, kGrey};
    Picture p(6, kLineWords, {kBlack, 0, 0});
    for (int row = 0; row <= position; ++row) {
      const int word = said[static_cast<std::size_t>(row)];
      const bool tinted = word >= kFirstColour && word < kFirstThing;
      for (int letter = 0; kWords[word][letter]; ++letter)
        p.at(letter, row) = {tinted ? kTints[word - kFirstColour] : kFloor,
                             static_cast<std::uint32_t>(kWords[word][letter]), row == position};
    }
    return p;
  }

  std::uint64_t seed;                         // of the lines' words
  std::int32_t line, lines;                   // line: now said; == lines: the question
  std::array<std::uint8_t, kLineWords> said;  // the words of this line
  std::uint8_t position, orders_left;         // position: of the word said now
  std::uint8_t answer, asks_thing;            // answer: the code of the last order's word that is asked for
};

}  // namespace

WANE_WORLD(Instruction, "instruction",
           "orders in a stream of words to others too, and the question what the last one to the agent was", kPage)
}  // namespace wane
