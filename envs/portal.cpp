#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage =
    R"(Portal, choosing form: a chain of rooms whose right portals must be found by trying and kept in mind.
After the portal task of the Expire-Span paper (Sukhbaatar et al. 2021), reduced to its choices: no walking.

Rules. K rooms in a chain, P portals in each. One portal of a room leads on to the next room, all others back to
room 0. Which one is drawn anew per episode and stays for all of it. An action chooses a portal. Leaving the last
room is the goal. A portal is known to be wrong once it has led back in this episode, or once the right one of its
room has been passed.

Observation: 3 cells, no floats. Codes, per cell:
  room: 0..K-1, K after the last one was left; always 0 unless `room_shown`
  previous choice: 0 none yet, 1..P
  outcome of it: 0 start of the episode, 1 led on, 2 led back

Rewards: `step_reward` per choice, but 1 for the one that leaves the last room; `mistake_reward` besides for the
choice of a portal known to be wrong (0 by default; a cost there says at once what else only the episode's end tells).
End: leaving the last room terminates, and so do `mistakes` choices in one and the same room of a portal known to be
wrong (0: never); 4 E steps truncate, E = K + (P-1) K (K+1) / 4, which is what a perfect memory needs on average
(each room costs (P-1)/2 wrong tries, and after one in room k it walks k rooms again).
Success: left the last room without ever choosing a portal known to be wrong.
Size: K. Difficulty d: max(1, round(rooms d)) rooms.

Best scores. A perfect memory never chooses a portal known to be wrong: success 1, mean return 1 + (E - 1)
step_reward, never truncated. An agent without memory has one habit per room: success 0.013 at the defaults (the best
mixture of habits, maximised over all 256 layouts: room 0 is searched, as the last choice is seen, else a coin).
)";

constexpr int kMaxRooms = 64, kMaxPortals = 8;
enum Passed : std::uint8_t { kStart, kOn, kBack, kOutcomes };

struct Portal {
  struct Settings {
    int rooms = 8, portals = 2, mistakes = 2;
    bool room_shown = true;
    float step_reward = -0.02f, mistake_reward = 0;

    void describe(auto&& setting) {
      setting("rooms", rooms, 1, kMaxRooms, "rooms", "K, in a chain");
      setting("portals", portals, 2, kMaxPortals, "portals", "P, in each room");
      setting("mistakes", mistakes, 0, 255, "choices",
              "of portals known to be wrong, in one room, that end the episode; 0 = never");
      setting("room_shown", room_shown, "the room's index is part of the observation");
      setting("step_reward", step_reward, -1, 1, "reward",
              "of every choice but the one that leaves the last room, which gives 1");
      setting("mistake_reward", mistake_reward, -10, 0, "reward", "besides, of choosing a portal known to be wrong");
    }
  };

  static constexpr const char* kActions[kMaxPortals] = {"portal 1", "portal 2", "portal 3", "portal 4",
                                                        "portal 5", "portal 6", "portal 7", "portal 8"};
  static Spec spec(const Settings& s) {
    const int rooms = s.room_shown ? s.rooms + 1 : 1, choices = s.portals + 1;
    const int codes = rooms > choices ? rooms : choices;
    return {.cells = 3,
            .codes = codes > kOutcomes ? codes : int{kOutcomes},
            .actions = {kActions, static_cast<std::size_t>(s.portals)}};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    rooms = Range<int>{1, s.rooms}.scaled(difficulty).hi;
    draw_each(rng, s.portals, {right, static_cast<std::size_t>(rooms)});
  }

  /// Without branches on what the portal does: half of them would be predicted wrong.
  constexpr Outcome step(const Settings& s, int action) {
    const int here = room, portal = 1 << action, leads_on = action == right[here];
    const int wrong = known_wrong[here], mistake = wrong >> action & 1, count = mistakes[here] + mistake;
    flawed = static_cast<std::uint8_t>(flawed | mistake);
    mistakes[here] = static_cast<std::uint8_t>(count);
    known_wrong[here] = static_cast<std::uint8_t>(leads_on * 0xFF ^ (wrong * !leads_on | portal));  // or all others
    choice = static_cast<std::uint8_t>(action + 1);
    passed = static_cast<std::uint8_t>(kBack - leads_on);
    room = (here + 1) * leads_on;
    if (room == rooms) return {1, true, flawed ? 0.f : 1.f};
    return {s.step_reward + static_cast<float>(mistake) * s.mistake_reward, s.mistakes > 0 && count >= s.mistakes};
  }

  constexpr void observe(const Settings& s, std::span<std::uint8_t> view) const {
    view[0] = static_cast<std::uint8_t>(s.room_shown ? room : 0);
    view[1] = choice;
    view[2] = passed;
  }

  constexpr int limit(const Settings& s) const { return 4 * rooms + (s.portals - 1) * rooms * (rooms + 1); }
  constexpr int size() const { return rooms; }

  /// One column per room and a green one behind the last; a row per portal: red = known to be wrong, green = the right
  /// one once passed (of eight: once it alone is left), yellow = untried. The agent stands in the first row of its
  /// room.
  Picture picture(const Settings& s) const {
    Picture p(rooms + 1, s.portals + 1, {kFloor, 0, 0});
    for (int k = 0; k < rooms; ++k) {
      p.at(k, 0).glyph = static_cast<std::uint32_t>('0' + (k + 1) % 10);
      const bool found = known_wrong[k] == (0xFF ^ (1 << right[k]));
      for (int i = 0; i < s.portals; ++i) {
        const bool wrong = known_wrong[k] & (1 << i), passed_once = found && i == right[k] && s.portals > 1;
        p.at(k, i + 1) = {wrong ? kRed : passed_once ? kGreen : kYellow, static_cast<std::uint32_t>('1' + i), 0};
      }
    }
    p.at(rooms, 0).colour = kGreen;
    p.agent_x = room;
    p.agent_y = 0;
    p.at(room, 0).in_view = s.room_shown ? 1 : 0;
    return p;
  }

  std::int32_t room, rooms;
  std::uint8_t choice, passed, flawed;
  std::uint8_t right[kMaxRooms], mistakes[kMaxRooms];
  std::uint8_t known_wrong[kMaxRooms];  // one bit per portal
};

}  // namespace

WANE_WORLD(Portal, "portal",
           "the right portal of each room is found by trying, and every wrong choice leads back to the first room",
           kPage)
}  // namespace wane
