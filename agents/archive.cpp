#include "agents/archive.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>

namespace wane {
namespace {

template <class T>
torch::Tensor pack(const std::vector<T>& values, torch::ScalarType type) {
  torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(values.size())}, type);
  std::copy(values.begin(), values.end(), tensor.data_ptr<T>());
  return tensor;
}

template <class T>
std::vector<T> unpack(torch::serialize::InputArchive& archive, const std::string& key) {
  torch::Tensor tensor;
  archive.read(key, tensor);
  tensor = tensor.cpu();
  return {tensor.data_ptr<T>(), tensor.data_ptr<T>() + tensor.numel()};
}

}  // namespace

void write_numbers(torch::serialize::OutputArchive& archive, const std::string& key,
                   const std::vector<double>& numbers) {
  archive.write(key, pack(numbers, torch::kFloat64));
}

std::vector<double> read_numbers(torch::serialize::InputArchive& archive, const std::string& key) {
  return unpack<double>(archive, key);
}

void write_bytes(torch::serialize::OutputArchive& archive, const std::string& key,
                 const std::vector<std::uint8_t>& bytes) {
  archive.write(key, pack(bytes, torch::kUInt8));
}

std::vector<std::uint8_t> read_bytes(torch::serialize::InputArchive& archive, const std::string& key) {
  return unpack<std::uint8_t>(archive, key);
}

}  // namespace wane
