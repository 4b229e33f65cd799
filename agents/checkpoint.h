#pragma once
// A checkpoint file: a header with version, size and checksum, then a LibTorch archive. Written atomically: whoever
// looks, at any moment and after any crash, finds the old file or the new one, whole.
//
//   write_checkpoint(path, archive);
//   torch::serialize::InputArchive archive = read_checkpoint(path, torch::kCPU);

#include <torch/serialize/archive.h>

#include <filesystem>
#include <string_view>

namespace wane {

/// Raised whenever what a checkpoint holds changes; another version is refused.
inline constexpr std::uint32_t kCheckpointVersion = 1;

/// FNV-1a, 64 bits: for damage, not for malice.
std::uint64_t checksum(std::string_view bytes);

/// Throws Error where the disk does not take it; the file that was there before then stays.
void write_checkpoint(const std::filesystem::path& path, torch::serialize::OutputArchive& archive);

/// Its tensors come to lie on `device`, wherever they were saved from. Throws Error for a file that is missing, no
/// checkpoint, cut short, damaged, or of another version.
torch::serialize::InputArchive read_checkpoint(const std::filesystem::path& path, const torch::Device& device);

}  // namespace wane
