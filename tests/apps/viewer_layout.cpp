// Where the viewer puts things, in numbers, without a window.

#include <gtest/gtest.h>

#include "apps/viewer/layout.h"

namespace wane::viewer {
namespace {

SlotView slot(std::int64_t birth, int now, std::int32_t remaining, float attention) {
  return {birth, static_cast<std::int32_t>(now - birth), remaining, 10, 1, {attention, attention / 2}};
}

RecordedStep step_at(int x, std::vector<std::int64_t> died = {}) {
  return {0, 0, 0, 0, {}, x, 0, {1}, {std::move(died)}};
}

constexpr Area kArea{100, 50, 400, 200};

TEST(Bars, RunFromBirthOverNowToTheirEnd) {
  const TimeAxis axis{0, 200};  // two pixels a step
  const std::vector<SlotView> slots{slot(0, 90, kNever, 0.9F), slot(85, 90, 4, 0)};
  const auto bars = memory_bars(slots, {}, 90, axis, kArea);
  ASSERT_EQ(bars.size(), 2U);
  EXPECT_FLOAT_EQ(bars[0].past.x, 100);
  EXPECT_FLOAT_EQ(bars[0].past.w, 2 * 91);
  EXPECT_FLOAT_EQ(bars[0].future.x + bars[0].future.w, 500);  // it stays: to the edge
  EXPECT_FLOAT_EQ(bars[1].past.x, 100 + 2 * 85);
  EXPECT_FLOAT_EQ(bars[1].past.w, 2 * 6);
  EXPECT_FLOAT_EQ(bars[1].future.w, 2 * 4);
  EXPECT_GT(bars[1].past.y, bars[0].past.y);
  EXPECT_GT(bars[0].light, bars[1].light);
  EXPECT_NE(bars[0].colour, bars[1].colour);
}

TEST(Bars, OfTwoThousandSlotsAreAllThereAndInside) {
  std::vector<SlotView> slots;
  for (int birth = 0; birth < 2000; ++birth) slots.push_back(slot(birth, 1999, 48, 0));
  const auto bars = memory_bars(slots, {}, 1999, episode_axis(4000), kArea);
  ASSERT_EQ(bars.size(), 2000U);
  for (const Bar& bar : bars) {
    EXPECT_GE(bar.past.w, 2.999F);
    EXPECT_GE(bar.past.h, 1);
    EXPECT_GE(bar.past.x, kArea.x);
    EXPECT_LE(bar.future.x + bar.future.w, kArea.x + kArea.w);
    EXPECT_LE(bar.past.y, kArea.y + kArea.h);
  }
}

TEST(Bars, LatelyDeadFadeAndAreFoundLast) {
  std::vector<RecordedStep> steps(100, step_at(0));
  steps[80].died = {{70}};
  steps[88].died = {{75}};
  EXPECT_TRUE(lately_dead(steps, 79, 0).empty());
  const auto dead = lately_dead(steps, 90, 0);
  ASSERT_EQ(dead.size(), 2U);
  EXPECT_EQ(dead[0], (std::pair<std::int64_t, int>(70, 10)));
  const std::vector<SlotView> slots{slot(0, 90, kNever, 0.5F)};
  const auto bars = memory_bars(slots, dead, 90, {0, 200}, kArea);
  EXPECT_LT(bars[0].light, bars[1].light);
  EXPECT_EQ(bars[0].future.w, 0);
  EXPECT_EQ(lately_dead(steps, 93, 0).size(), 1U);
  EXPECT_TRUE(lately_dead(steps, 101, 0).empty());
}

TEST(Bars, AreFoundUnderTheMouse) {
  const std::vector<SlotView> slots{slot(0, 90, kNever, 0.5F), slot(85, 90, 4, 0)};
  const auto bars = memory_bars(slots, {}, 90, {0, 200}, kArea);
  const auto middle = [](const Bar& bar) {
    return std::pair(bar.past.x + bar.past.w / 2, bar.past.y + bar.past.h / 2);
  };
  for (const Bar& bar : bars) {
    const auto [x, y] = middle(bar);
    ASSERT_NE(bar_at(bars, x, y), nullptr);
    EXPECT_EQ(bar_at(bars, x, y)->birth, bar.birth);
  }
  EXPECT_EQ(bar_at(bars, 120, bars[1].past.y + 4), nullptr);
  EXPECT_EQ(bar_at(bars, 300, 240), nullptr);
}

TEST(Life, IsRedAtItsEndAndBlueWhereLong) {
  const auto red = [](std::uint32_t c) { return int(c >> 16 & 0xFF); };
  const auto blue = [](std::uint32_t c) { return int(c & 0xFF); };
  EXPECT_GT(red(colour_of_life(1)), 200);
  EXPECT_GT(blue(colour_of_life(kNever)), 200);
  for (int left = 1; left < 512; left *= 2) EXPECT_GE(red(colour_of_life(left)) + 8, red(colour_of_life(2 * left)));
}

TEST(World, FitsOrShowsThePartAroundTheAgent) {
  Picture small(5, 5), wide(200, 3);
  small.agent_x = small.agent_y = 2;
  wide.agent_x = 150;
  wide.agent_y = 1;
  const WorldLayout all = world_layout(small, {}, {}, kArea, 20);
  EXPECT_EQ(all.tiles.size(), 25U);
  EXPECT_FLOAT_EQ(all.tile, 40);
  ASSERT_TRUE(all.agent);
  EXPECT_FLOAT_EQ(all.agent->x, kArea.x + 100 + 2 * 40);
  const WorldLayout part = world_layout(wide, {}, {}, kArea, 20);
  EXPECT_EQ(part.tiles.size(), 20U * 3);
  ASSERT_TRUE(part.agent);
  EXPECT_TRUE(kArea.holds(part.agent->x, part.agent->y));
  EXPECT_EQ(world_areas(small, kArea, 20).overview.h, 0);
  const WorldAreas areas = world_areas(wide, kArea, 20);
  EXPECT_GT(areas.overview.h, 0);
  EXPECT_EQ(world_layout(wide, {}, {}, areas.overview, 0.1F).tiles.size(), 600U);
}

TEST(World, GlowsWhereWhatIsAttendedToWasMade) {
  Picture picture(6, 1);
  picture.agent_x = 5;
  picture.agent_y = 0;
  const std::vector<RecordedStep> steps{step_at(1), step_at(2), step_at(3)};
  const std::vector<SlotView> slots{slot(0, 3, kNever, 0.81F), slot(2, 3, 2, 0)};
  const WorldLayout world = world_layout(picture, steps, slots, kArea, 10);
  EXPECT_FLOAT_EQ(world.tiles[1].glow, 0.9F);
  EXPECT_EQ(world.tiles[2].glow, 0);
  EXPECT_EQ(world.tiles[3].glow, 0);
  ASSERT_EQ(world.trail.size(), 3U);
  EXPECT_LT(world.trail[0].first, world.trail[2].first);
}

TEST(Panels, ShareTheWindowWithoutOverlap) {
  for (const auto& [w, h, line, layers] :
       {std::tuple{1280.F, 720.F, 14.F, 1}, {1920.F, 1080.F, 21.F, 3}, {3840.F, 2160.F, 28.F, 2}}) {
    const Panels p = panels(w, h, line, layers);
    std::vector<Area> all{p.top, p.world, p.mind, p.list, p.curves, p.scrub, p.keys};
    all.insert(all.end(), p.memory.begin(), p.memory.end());
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_GE(all[i].x, 0);
      EXPECT_LE(all[i].x + all[i].w, w);
      EXPECT_LE(all[i].y + all[i].h, h + 0.5F);
      EXPECT_GT(all[i].w, 0);
      EXPECT_GT(all[i].h, line);
      for (std::size_t j = 0; j < i; ++j) {
        const bool apart = all[i].x >= all[j].x + all[j].w - 0.5F || all[j].x >= all[i].x + all[i].w - 0.5F ||
                           all[i].y >= all[j].y + all[j].h - 0.5F || all[j].y >= all[i].y + all[i].h - 0.5F;
        EXPECT_TRUE(apart) << i << " and " << j;
      }
    }
    for (const Area& memory : p.memory) {
      EXPECT_EQ(memory.x, p.curves.x);  // one time axis
      EXPECT_EQ(memory.w, p.scrub.w);
    }
  }
}

TEST(Curve, SpansTheHeightAndKeepsToTheAxis) {
  const std::vector<float> values{0, 1, -1, 0.5F};
  const auto points = curve(values, {0, 4}, kArea);
  ASSERT_EQ(points.size(), 4U);
  EXPECT_FLOAT_EQ(points[1].second, kArea.y);
  EXPECT_FLOAT_EQ(points[2].second, kArea.y + kArea.h);
  EXPECT_FLOAT_EQ(points[2].first, kArea.x + kArea.w / 2);
  EXPECT_TRUE(curve({}, {0, 4}, kArea).empty());
}

TEST(Counters, CountBirthsDeathsAndWhatAFullMemoryWouldHold) {
  std::vector<RecordedStep> steps(50, step_at(0));
  steps[10].died = {{0, 1, 2}};
  steps[20].died = {{3}};
  steps[30].live = {27};
  MemorySettings memory;
  memory.max_span = 25;
  const Counters n = counters(steps, 30, 0, memory);
  EXPECT_EQ(n.born, 31);
  EXPECT_EQ(n.expired, 4);
  EXPECT_EQ(n.live, 27);
  EXPECT_EQ(n.full_live, 25);
  EXPECT_EQ(n.bytes, 27 * (12 * 64 + 21));
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(4734), "4.7 kB");
}

TEST(Colours, MixAtTheirEnds) {
  EXPECT_EQ(mix(0x102030, 0xF0E0D0, 0), 0x102030U);
  EXPECT_EQ(mix(0x102030, 0xF0E0D0, 1), 0xF0E0D0U);
  EXPECT_EQ(mix(0x000000, 0xFFFFFF, 0.5F), 0x808080U);
}

}  // namespace
}  // namespace wane::viewer
