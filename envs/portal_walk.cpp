#include "envs/world.h"

namespace wane {
namespace {

constexpr const char* kPage =
    R"(Portal, walking form: as `portal`, but the agent walks to the portals, and knows them by their colours.
After the portal task of the Expire-Span paper (Sukhbaatar et al. 2021).

Rules. K rooms in a chain, P portals in each, one of each of the first P colours. One colour of a room leads on to the
next room, all others back to room 0. Which one is drawn anew per episode and stays for all of it. A room has 5 x 5
cells within walls; portals stand in the middle of its west, east, north and south side, in this order P of them.
Which colour stands where is drawn anew at every entry into a room: a place says nothing, a colour all. The agent
enters in the middle, facing north. Actions: forward moves it one cell, unless into a wall; left and right turn it.
Stepping onto a portal passes it. Leaving the last room is the goal. A colour of a room is known to be wrong once it
has led back in this episode, or once the right one of its room has been passed.

Observation: 28 cells, no floats. 5 x 5 cells around the agent, row by row, that turn with it: ahead is up, the agent
in the middle is not drawn. From the middle of a room all of it is seen. Codes:
  0 wall, or beyond it   1 floor   2 red portal   3 blue portal   4 green portal   5 yellow portal
After these 25:
  room: 0..K-1, K after the last one was left; always 0 unless `room_shown`
  colour of the portal passed by the last step: 2..5 as above, 0 if none was
  where it led: 1 on, 2 back, 0 if none was passed
The last two are seen for one step only, and no previous action ever is. After the last room: one without portals.

Rewards: `step_reward` per step, but 1 for the one that leaves the last room; `mistake_reward` besides for passing a
portal known to be wrong, and `progress_reward` for passing the right portal of a room but the last for the first
time (0 by default; they say at once what else only the episode's end tells).
End: leaving the last room terminates, and so does passing portals known to be wrong `mistakes` times in one and the
same room (0: never); 16 E steps truncate, E = K + (P-1) K (K+1) / 4, which is the number of portals that a perfect
memory passes on average (each room costs (P-1)/2 wrong ones, and after one in room k it walks through k rooms again).
Success: left the last room without ever passing a portal known to be wrong.
Size: K. Difficulty d: max(1, round(rooms d)) rooms.

Best scores. A perfect memory goes to the nearest portal not known to be wrong: success 1, never truncated. At P = 2
each takes 3 steps, on average 3 E in all (78 at K = 8): mean return 1 + (3 E - 1) step_reward + (K - 1)
progress_reward. At K = 8 it takes 111 steps for P = 3 and 170 for P = 4 (simulated). Without memory only the room, the
last colour and where it led get through a portal, as in the choosing form: success 0.013 at the defaults (the best
mixture of habits, maximised over all 256 layouts: room 0 is searched, as the last colour is seen at the entry, else a
coin).
)";

constexpr int kMaxRooms = 16, kMaxPortals = 4, kReach = 2, kView = 2 * kReach + 1, kCells = 5;
constexpr int kRow = kCells + 2 * kReach, kMiddle = kRow * kRow / 2;  // the map of a room, seen from any cell
constexpr int place_of(int portal) {
  constexpr int kPlaces[] = {kMiddle - 2, kMiddle + 2, kMiddle - 2 * kRow, kMiddle + 2 * kRow};
  return kPlaces[portal];  // west east north south
}
constexpr int stride(int heading) {
  constexpr int kStrides[] = {-kRow, 1, kRow, -1};
  return kStrides[heading];  // north east south west
}
enum Action { kForward, kLeft, kRight };
enum Code : std::uint8_t { kWallCode, kFloorCode, kPortal, kCodes = kPortal + kMaxPortals };
enum Led : std::uint8_t { kNowhere, kOn, kBack };

struct PortalWalk {
  struct Settings {
    int rooms = 8, portals = 2, mistakes = 2;
    bool room_shown = true;
    float step_reward = -0.005f, mistake_reward = 0, progress_reward = 0;

    void describe(auto&& setting) {
      setting("rooms", rooms, 1, kMaxRooms, "rooms", "K, in a chain");
      setting("portals", portals, 2, kMaxPortals, "portals", "P, in each room");
      setting("mistakes", mistakes, 0, 255, "portals",
              "known to be wrong and passed, in one room, that end the episode; 0 = never");
      setting("room_shown", room_shown, "the room's index is part of the observation");
      setting("step_reward", step_reward, -1, 1, "reward",
              "of every step but the one that leaves the last room, which gives 1");
      setting("mistake_reward", mistake_reward, -10, 0, "reward", "besides, of passing a portal known to be wrong");
      setting("progress_reward", progress_reward, 0, 10, "reward",
              "besides, of passing the right portal of a room but the last for the first time");
    }
  };

  static constexpr const char* kActions[] = {"forward", "left", "right"};
  static Spec spec(const Settings& s) {
    const int rooms = s.room_shown ? s.rooms + 1 : 0;
    return {.cells = kView * kView + 3, .codes = rooms > kCodes ? rooms : int{kCodes}, .actions = kActions};
  }

  constexpr void reset(const Settings& s, float difficulty, Rng& rng) {
    rooms = Range<int>{1, s.rooms}.scaled(difficulty).hi;
    draw_each(rng, s.portals, {right, static_cast<std::size_t>(rooms)});
    luck = rng;
    for (int row = 0; row < kCells; ++row)
      for (int column = 0; column < kCells; ++column) map[(kReach + row) * kRow + kReach + column] = kFloorCode;
    enter(s.portals);
  }

  /// Into the middle of `room`, its portals shuffled (Fisher and Yates); none behind the last one.
  constexpr void enter(int portals) {
    at = kMiddle;
    heading = 0;
    for (int i = 0; i < portals; ++i) {
      const int other = i > 0 && room < rooms ? luck.uniform(i + 1) : i;
      map[place_of(i)] = map[place_of(other)];
      map[place_of(other)] = static_cast<std::uint8_t>(room < rooms ? kPortal + i : kFloorCode);
    }
  }

  constexpr Outcome step(const Settings& s, int action) {
    heading = static_cast<std::uint8_t>((heading + (action == kRight) - (action == kLeft)) & 3);
    const int to = at + stride(heading) * (action == kForward), tile = map[to];
    colour = led = 0;
    if (tile >= kPortal) return pass(s, tile - kPortal);
    at = static_cast<std::uint8_t>(tile == kWallCode ? at : to);
    return {.reward = s.step_reward};
  }

  constexpr Outcome pass(const Settings& s, int portal) {
    const int here = room, leads_on = portal == right[here];
    const int wrong = known_wrong[here], mistake = wrong >> portal & 1, count = mistakes[here] + mistake;
    const int others = 0xFF ^ 1 << portal;  // what is known once the right one was passed
    const int progress = leads_on && wrong != others;
    flawed = static_cast<std::uint8_t>(flawed | mistake);
    mistakes[here] = static_cast<std::uint8_t>(count);
    known_wrong[here] = static_cast<std::uint8_t>(leads_on ? others : wrong | 1 << portal);
    colour = static_cast<std::uint8_t>(kPortal + portal);
    led = leads_on ? kOn : kBack;
    room = static_cast<std::uint8_t>(leads_on ? here + 1 : 0);
    enter(s.portals);
    if (room == rooms) return {1, true, flawed ? 0.f : 1.f};
    const float shown =
        static_cast<float>(mistake) * s.mistake_reward + static_cast<float>(progress) * s.progress_reward;
    return {s.step_reward + shown, s.mistakes > 0 && count >= s.mistakes};
  }

  constexpr void observe(const Settings& s, std::span<std::uint8_t> view) const {
    const int ahead = stride(heading), aside = stride((heading + 1) & 3);
    const std::uint8_t* const corner = map + at + kReach * (ahead - aside);
    for (int row = 0; row < kView; ++row)
      for (int column = 0; column < kView; ++column)
        view[static_cast<std::size_t>(row * kView + column)] = corner[column * aside - row * ahead];
    view[kView * kView] = s.room_shown ? room : 0;
    view[kView * kView + 1] = colour;
    view[kView * kView + 2] = led;
  }

  constexpr int limit(const Settings& s) const { return 16 * rooms + 4 * (s.portals - 1) * rooms * (rooms + 1); }
  constexpr int size() const { return rooms; }

  /// The room with its walls and what lies beyond; a cross on what is known to be wrong; the agent is an arrow.
  Picture picture(const Settings&) const {
    constexpr std::uint32_t kColours[] = {kWall, kFloor, kRed, kBlue, kGreen, kYellow};
    Picture p(kRow, kRow);
    for (int i = 0; i < kRow * kRow; ++i) {
      const int portal = map[i] - kPortal, dx = i % kRow - at % kRow, dy = i / kRow - at / kRow;
      const bool wrong = portal >= 0 && (known_wrong[room] >> portal & 1);
      const bool near = dx >= -kReach && dx <= kReach && dy >= -kReach && dy <= kReach;
      p.at(i % kRow, i / kRow) = {kColours[map[i]], wrong ? U'\u00D7' : 0u, near ? 1u : 0u};
    }
    p.agent_x = at % kRow;
    p.agent_y = at / kRow;
    p.at(p.agent_x, p.agent_y).glyph = U"\u25B2\u25B6\u25BC\u25C0"[heading];
    return p;
  }

  Rng luck;  // of the places
  std::int32_t rooms;
  std::uint8_t at, heading, room, colour, led, flawed;
  std::uint8_t map[kRow * kRow];
  std::uint8_t right[kMaxRooms], mistakes[kMaxRooms], known_wrong[kMaxRooms];  // the last: one bit per colour
};

}  // namespace

WANE_WORLD(
    PortalWalk, "portal_walk",
    "the right portal of each room is found by walking through them, and every wrong one leads back to the first",
    kPage)
}  // namespace wane
