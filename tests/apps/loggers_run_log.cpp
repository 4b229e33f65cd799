// apps/run_log.h and the framing of apps/event_writer.h. What TensorBoard makes of the events: tensorboard_reads_us.py.

#include "apps/run_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include "configs/error.h"
#include "tests/apps/full_disk.h"
#include "tests/apps/temporary_folder.h"

namespace wane {
namespace {

namespace fs = std::filesystem;
using Row = std::vector<std::pair<std::string, double>>;

TEST(RunLog, RowsHoldTheColumnsInTheirOrderAndEmptyCellsForMissingValues) {
  const TemporaryFolder folder;
  RunLog log(folder.path, {"rollout/success_rate", "eval/success_rate", "time/fps"});
  log.row(20480, Row{{"time/fps", 16000}, {"rollout/success_rate", 0.1}});
  EXPECT_EQ(
      text_of(folder.path / "progress.csv"),
      "time/total_timesteps,rollout/success_rate,eval/success_rate,time/fps\n20480,0.1,,16000\n");  // while it is open
  log.row(40960, Row{{"eval/success_rate", 1}});
  log.row(61440, Row{});
  EXPECT_TRUE(text_of(folder.path / "progress.csv").ends_with("\n40960,,1,\n61440,,,\n"));
}

TEST(RunLog, NumbersReadBackAsTheSameDouble) {
  const TemporaryFolder folder;
  RunLog log(folder.path, {"x"});
  const std::vector<double> values{
      1.0 / 3, 1e-300, -0.0, 123456789.123456789, 5e-324, std::numeric_limits<double>::max()};
  for (std::size_t i = 0; i < values.size(); ++i) log.row(static_cast<std::int64_t>(i), Row{{"x", values[i]}});
  log.row(100, Row{{"x", -std::nan("")}});
  log.row(101, Row{{"x", -std::numeric_limits<double>::infinity()}});
  const std::string text = text_of(folder.path / "progress.csv");
  std::size_t at = text.find('\n');
  for (const double value : values) {
    at = text.find(',', at) + 1;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text.c_str() + at, nullptr)),
              std::bit_cast<std::uint64_t>(value));
  }
  EXPECT_NE(text.find("\n0,0.3333333333333333\n"), std::string::npos) << "shortest";
  EXPECT_TRUE(text.ends_with("\n100,nan\n101,-inf\n"));
}

TEST(RunLog, AnUnknownOrRepeatedTagAndFallingFramesAreBugs) {
  const TemporaryFolder folder;
  RunLog log(folder.path, {"a", "b"});
  log.row(10, Row{{"a", 1}});
  EXPECT_THROW(log.row(20, Row{{"c", 1}}), std::logic_error);
  EXPECT_THROW(log.row(20, Row{{"a", 1}, {"a", 2}}), std::logic_error);
  EXPECT_THROW(log.row(9, Row{{"a", 1}}), std::logic_error);
  EXPECT_EQ(text_of(folder.path / "progress.csv"), "time/total_timesteps,a,b\n10,1,\n");
  const TemporaryFolder other;
  EXPECT_THROW(RunLog(other.path, {"a", "a"}), std::logic_error);
  EXPECT_THROW(RunLog(other.path, {"a,b"}), std::logic_error);
  EXPECT_THROW(RunLog(other.path, {"time/total_timesteps"}), std::logic_error);
}

TEST(RunLog, ResumeCutsRowsPastTheCheckpointAndAHalfWrittenLine) {
  const TemporaryFolder folder;
  const fs::path csv = folder.path / "progress.csv";
  put_text(csv, "time/total_timesteps,a\n100,1\n200,2\n300,3\n40");
  {
    RunLog log(folder.path, {"a"}, 200);
    EXPECT_EQ(text_of(csv), "time/total_timesteps,a\n100,1\n200,2\n");
    EXPECT_FALSE(fs::exists(folder.path / "progress.csv.tmp"));
    EXPECT_THROW(log.row(199, Row{{"a", 0}}), std::logic_error);
    log.row(300, Row{{"a", 3.5}});
  }
  EXPECT_EQ(text_of(csv), "time/total_timesteps,a\n100,1\n200,2\n300,3.5\n");
  put_text(csv, "time/total_timesteps,a\n100,1\n15");  // the half line alone: 15 <= 200, and yet not a row
  RunLog(folder.path, {"a"}, 200);
  EXPECT_EQ(text_of(csv), "time/total_timesteps,a\n100,1\n");
}

TEST(RunLog, InterruptedAndResumedRowsEqualUninterruptedOnes) {
  const TemporaryFolder whole, parts;
  const auto value = [](std::int64_t frames) { return std::sin(static_cast<double>(frames)); };
  const auto log_to = [&](RunLog log, std::int64_t begin, std::int64_t end) {
    for (std::int64_t frames = begin; frames <= end; frames += 10) log.row(frames, Row{{"x", value(frames)}});
  };
  log_to(RunLog(whole.path, {"x"}), 10, 100);
  log_to(RunLog(parts.path, {"x"}), 10, 70);
  log_to(RunLog(parts.path, {"x"}, 50), 60, 100);
  EXPECT_EQ(text_of(whole.path / "progress.csv"), text_of(parts.path / "progress.csv"));
}

TEST(RunLog, OtherColumnsAStrangeRowAndAnExistingRunAreRefused) {
  const TemporaryFolder folder;
  const fs::path csv = folder.path / "progress.csv";
  put_text(csv, "time/total_timesteps,a\n100,1\n");
  EXPECT_EQ(
      message_of<Error>([&] {
        RunLog(folder.path, {"a", "b"}, 100);
      }),
      csv.string() + ":1: columns 'time/total_timesteps,a': expected 'time/total_timesteps,a,b' to continue this run");
  EXPECT_NE(message_of<Error>([&] { RunLog(folder.path, {"a"}); }).find("already there"), std::string::npos);
  EXPECT_EQ(text_of(csv), "time/total_timesteps,a\n100,1\n");
  put_text(csv, "time/total_timesteps,a\n100,1\nhello,2\n");
  EXPECT_EQ(message_of<Error>([&] { RunLog(folder.path, {"a"}, 100); }),
            csv.string() + ":3: 'hello,2': expected a row that begins with its number of frames");
  fs::remove(csv);
  RunLog(folder.path, {"a"}, 100);  // deleted by the user: the checkpoint is worth more than its rows
  EXPECT_EQ(text_of(csv), "time/total_timesteps,a\n");
}

TEST(RunLog, AFullDiskIsAnErrorAndTheRunCanBeResumed) {
  const TemporaryFolder folder;
  const fs::path csv = folder.path / "progress.csv";
  std::int64_t frames = 0;
  const std::string said = on_a_full_disk(600, [&] {
    return message_of<Error>([&] {
      RunLog log(folder.path, {"a"});
      for (frames = 1; frames < 1000; ++frames) log.row(frames, Row{{"a", 1.0 / 3}});
    });
  });
  EXPECT_NE(said.find(folder.path.string()), std::string::npos) << said;
  EXPECT_NE(said.find(std::string("cannot write: ") + std::strerror(EFBIG)), std::string::npos) << said;
  RunLog(folder.path, {"a"}, 2).row(3, Row{{"a", 0.5}});
  EXPECT_EQ(text_of(csv), "time/total_timesteps,a\n1,0.3333333333333333\n2,0.3333333333333333\n3,0.5\n");
}

// ---- The event file -------------------------------------------------------------------------------------------------

/// CRC-32C bit by bit, from its definition: nothing shared with the table in event_writer.cpp.
std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78U : crc >> 1;
  }
  return ~crc;
}

std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

template <class Number>
Number number_at(const std::string& text, std::size_t at) {
  Number number;
  std::memcpy(&number, text.data() + at, sizeof number);
  return number;
}

TEST(EventWriter, EveryRecordIsFramedWithItsLengthAndChecksums) {
  ASSERT_EQ(crc32c("123456789"), 0xe3069283U);  // the check value of CRC-32C
  const TemporaryFolder folder;
  EventWriter events(folder.path, 7);
  events.scalar("a", 1, 8);
  events.flush();
  const std::string text = text_of(fs::directory_iterator(folder.path)->path());
  int records = 0;
  for (std::size_t at = 0; at < text.size(); ++records) {
    ASSERT_LE(at + 16, text.size());
    const auto length = number_at<std::uint64_t>(text, at);
    ASSERT_LE(at + 16 + length, text.size());
    EXPECT_EQ(number_at<std::uint32_t>(text, at + 8), masked(crc32c(text.substr(at, 8))));
    EXPECT_EQ(number_at<std::uint32_t>(text, at + 12 + length), masked(crc32c(text.substr(at + 12, length))));
    EXPECT_EQ(records == 0, text.substr(at + 12, length).find("brain.Event:2") != std::string::npos);
    at += 16 + length;
  }
  EXPECT_EQ(records, 3);  // version, start, scalar
}

TEST(EventWriter, NewerFilesSortAfterOlderOnes) {
  const TemporaryFolder folder;
  put_text(folder.path / "events.out.tfevents.9999999990.host.1", "");
  const EventWriter first(folder.path, -1);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  ASSERT_EQ(names.size(), 2U);
  EXPECT_TRUE(names[1].starts_with("events.out.tfevents.9999999991.")) << names[1];
}

TEST(EventWriter, AMissingFolderIsNamed) {
  EXPECT_TRUE(message_of<Error>([] {
                EventWriter("/nowhere/at/all", -1);
              }).starts_with("/nowhere/at/all/events.out.tfevents."));
}

}  // namespace
}  // namespace wane
