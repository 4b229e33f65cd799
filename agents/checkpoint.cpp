#include "agents/checkpoint.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "configs/error.h"
#include "configs/write_file.h"

namespace wane {
namespace {

struct Header {
  char magic[8];
  std::uint32_t version, header_bytes;
  std::uint64_t size, checksum;
};

constexpr char kMagic[8] = {'w', 'a', 'n', 'e', '-', 'c', 'k', 'p'};

}  // namespace

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t h = 14695981039346656037u;
  for (const char byte : bytes) h = (h ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  return h;
}

void write_checkpoint(const std::filesystem::path& path, torch::serialize::OutputArchive& archive) {
  std::string bytes(sizeof(Header), '\0');
  archive.save_to([&](const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
    return size;
  });
  const std::string_view payload = std::string_view(bytes).substr(sizeof(Header));
  Header header{{}, kCheckpointVersion, sizeof(Header), payload.size(), checksum(payload)};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  std::memcpy(bytes.data(), &header, sizeof header);
  write_file_atomically(path, bytes);
}

torch::serialize::InputArchive read_checkpoint(const std::filesystem::path& path, const torch::Device& device) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path.string() + ": no such checkpoint");
  std::stringstream stream;
  stream << file.rdbuf();
  const std::string bytes = std::move(stream).str();
  Header header{};
  if (bytes.size() < sizeof header)
    throw Error(path.string() + ": not a wane checkpoint (" + std::to_string(bytes.size()) + " bytes)");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) throw Error(path.string() + ": not a wane checkpoint");
  if (header.version != kCheckpointVersion) {
    throw Error(path.string() + ": checkpoint version " + std::to_string(header.version) +
                "; this program reads version " + std::to_string(kCheckpointVersion));
  }
  const std::string_view payload = std::string_view(bytes).substr(sizeof header);
  if (header.header_bytes != sizeof header) throw Error(path.string() + ": damaged: its header does not fit");
  if (payload.size() != header.size) {
    const char* const what = payload.size() < header.size ? ": cut short: " : ": damaged: ";
    throw Error(path.string() + what + std::to_string(payload.size()) + " of " + std::to_string(header.size) +
                " bytes");
  }
  if (checksum(payload) != header.checksum) throw Error(path.string() + ": damaged: its checksum does not fit");
  torch::serialize::InputArchive archive;
  archive.load_from(payload.data(), payload.size(), device);
  return archive;
}

}  // namespace wane
