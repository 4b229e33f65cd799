#include "apps/run_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string_view>

#include "configs/error.h"

namespace wane {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFramesTag = "time/total_timesteps";

std::string header_of(const std::vector<std::string>& columns) {
  std::string header(kFramesTag);
  for (const std::string& column : columns) header += "," + column;
  return header + "\n";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw Error(path.string() + ": cannot read");
  return text;
}

/// The frames that a line starts with; its number is for the message.
std::int64_t frames_of(std::string_view line, const fs::path& path, int number) {
  std::int64_t frames = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), frames);
  if (error != std::errc{} || (end != line.data() + line.size() && *end != ',')) {
    throw Error(path.string() + ":" + std::to_string(number) + ": '" + std::string(line.substr(0, 40)) +
                "': expected a row that begins with its number of frames");
  }
  return frames;
}

/// The beginning of `text` that a run resumed at `resume_at` keeps. What follows the last line end was being written.
std::string kept_part(const std::string& text, const std::string& header, const fs::path& path,
                      std::int64_t resume_at) {
  if (!text.starts_with(header)) {
    throw Error(path.string() + ":1: columns '" + text.substr(0, text.find('\n')) + "': expected '" +
                header.substr(0, header.size() - 1) + "' to continue this run");
  }
  std::string kept = header;
  int number = 2;
  for (std::size_t begin = header.size(); begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) break;
    const std::string_view line(text.data() + begin, end - begin);
    if (frames_of(line, path, number) <= resume_at) kept.append(line).push_back('\n');
    begin = end + 1;
  }
  return kept;
}

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";  // a NaN's sign depends on the instruction that made it
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

RunLog::RunLog(const fs::path& folder, std::vector<std::string> columns, std::int64_t resume_at)
    : columns_(std::move(columns)), last_frames_(std::max<std::int64_t>(resume_at, 0)) {
  for (const std::string& column : columns_) {
    check(column != kFramesTag && column.find_first_of(",\"\r\n") == std::string::npos, "a column is a plain tag");
    check(std::count(columns_.begin(), columns_.end(), column) == 1, "columns differ");
  }
  const fs::path path = folder / "progress.csv";
  const std::string header = header_of(columns_);
  std::error_code none;
  const bool there = fs::exists(path, none);
  if (resume_at < 0 && there)
    throw Error(path.string() + ": already there: resume this run, or name another run folder");
  if (!there) {
    write_file_atomically(path, header);
  } else {
    const std::string text = read_file(path);
    const std::string kept = kept_part(text, header, path, resume_at);
    if (kept != text) write_file_atomically(path, kept);
  }
  csv_.emplace(path);
  events_.emplace(folder, resume_at < 0 ? -1 : resume_at + 1);
}

void RunLog::row(std::int64_t frames, std::span<const std::pair<std::string, double>> values) {
  check(frames >= last_frames_, "frames never fall");
  last_frames_ = frames;
  events_->scalar(kFramesTag, static_cast<double>(frames), frames);
  std::vector<std::string> cells(columns_.size());
  for (const auto& [tag, value] : values) {
    const auto column = std::find(columns_.begin(), columns_.end(), tag);
    check(column != columns_.end(), "a logged tag is a column");
    std::string& cell = cells[static_cast<std::size_t>(column - columns_.begin())];
    check(cell.empty(), "a tag comes once in a row");
    cell = shortest(value);
    events_->scalar(tag, value, frames);
  }
  std::string line = std::to_string(frames);
  for (const std::string& cell : cells) line.append(",").append(cell);
  csv_->append(line += '\n');
  events_->flush();
}

}  // namespace wane
