#include "apps/event_writer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>

#include "apps/tensorboard.pb.h"

namespace wane {
namespace {

using tensorboard::Event;
static_assert(std::endian::native == std::endian::little, "TFRecords hold little-endian numbers");

constexpr std::string_view kPrefix = "events.out.tfevents.";

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Now, yet later than every event file in the folder: two starts in one second, or a clock set back, must not disorder
/// them.
std::string file_name(const std::filesystem::path& folder) {
  auto time = static_cast<std::int64_t>(seconds_since_1970());
  std::error_code missing;  // then opening the file says so
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    std::int64_t other = 0;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), other);
    time = std::max(time, other + 1);
  }
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(kPrefix) + std::to_string(time) + "." + host.data() + "." + std::to_string(::getpid());
}

// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), as RFC 3720 §12.1 defines it.
constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[byte] = crc;
  }
  return table;
}();

/// TFRecord's masking (tensorflow/core/lib/hash/crc32c.h): a checksum of bytes that hold checksums is weak.
std::uint32_t masked_crc(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char byte : bytes) crc = kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xffU] ^ (crc >> 8);
  return std::rotr(~crc, 15) + 0xa282ead8U;
}

template <class Number>
std::string_view bytes_of(const Number& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

/// One TFRecord: u64 length, u32 masked crc of the length, the event, u32 masked crc of the event.
void append_record(std::string& out, Event& event) {
  event.set_wall_time(seconds_since_1970());
  const std::string bytes = event.SerializeAsString();
  const std::uint64_t length = bytes.size();
  const std::uint32_t length_crc = masked_crc(bytes_of(length));
  const std::uint32_t bytes_crc = masked_crc(bytes);
  out.append(bytes_of(length)).append(bytes_of(length_crc)).append(bytes).append(bytes_of(bytes_crc));
}

}  // namespace

EventWriter::EventWriter(const std::filesystem::path& folder, std::int64_t start_step)
    : file_(folder / file_name(folder)) {
  Event version;
  version.set_file_version("brain.Event:2");
  append_record(pending_, version);
  if (start_step >= 0) {
    Event start;
    start.set_step(start_step);
    start.mutable_session_log()->set_status(tensorboard::SessionLog::START);
    append_record(pending_, start);
  }
  flush();
}

void EventWriter::scalar(std::string_view tag, double value, std::int64_t step) {
  Event event;
  event.set_step(step);
  auto* scalar = event.mutable_summary()->add_value();
  scalar->set_tag(std::string(tag));
  scalar->set_simple_value(static_cast<float>(value));
  append_record(pending_, event);
}

void EventWriter::flush() {
  file_.append(pending_);
  pending_.clear();
}

}  // namespace wane
