#pragma once
// Plain numbers and bytes in a LibTorch archive.

#include <torch/serialize/archive.h>

#include <cstdint>
#include <string>
#include <vector>

namespace wane {

void write_numbers(torch::serialize::OutputArchive& archive, const std::string& key,
                   const std::vector<double>& numbers);
std::vector<double> read_numbers(torch::serialize::InputArchive& archive, const std::string& key);

void write_bytes(torch::serialize::OutputArchive& archive, const std::string& key,
                 const std::vector<std::uint8_t>& bytes);
std::vector<std::uint8_t> read_bytes(torch::serialize::InputArchive& archive, const std::string& key);

}  // namespace wane
