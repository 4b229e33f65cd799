// A table's past in a checkpoint.

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <numeric>

#include "configs/error.h"
#include "memory/slot_table.h"

namespace wane {
namespace {

using torch::Tensor;

template <class T>
Tensor pack(const std::vector<T>& values) {
  return torch::tensor(std::vector<std::int64_t>(values.begin(), values.end()), torch::kInt64);
}

/// The entries of `values` in `rows`.
template <class T>
Tensor pack(const std::vector<T>& values, const std::vector<std::int64_t>& rows) {
  std::vector<std::int64_t> picked;
  for (const std::int64_t row : rows) picked.push_back(values[row]);
  return pack(picked);
}

template <class T>
void unpack(std::vector<T>& to, const Tensor& values) {
  const auto* at = values.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < values.numel(); ++i) to[i] = static_cast<T>(at[i]);
}

}  // namespace

void save_past(const SlotTable& table, torch::serialize::OutputArchive& archive) {
  std::vector<std::int64_t> rows;  // what lives: between blocks that is the past, but for what was cleared since
  std::vector<std::int32_t> offset{0};
  for (const auto& live : table.live) {
    rows.insert(rows.end(), live.begin(), live.end());
    offset.push_back(static_cast<std::int32_t>(rows.size()));
  }
  const Tensor index = pack(rows).to(table.hidden.device());
  archive.write("offset", pack(offset));
  archive.write("birth", pack(table.birth, rows));
  archive.write("death", pack(table.death, rows));
  archive.write("fade", pack(table.fade, rows));
  archive.write("stays", pack(table.stays, rows));
  archive.write("hidden", table.hidden.index_select(0, index));
  if (!table.pooled.empty()) archive.write("pooled", pack(table.pooled, rows));
  if (!table.paid.empty()) {
    std::vector<float> paid;
    for (const std::int64_t row : rows) paid.push_back(table.paid[row]);
    archive.write("paid", torch::tensor(paid, torch::kFloat32));
  }
  if (table.span.defined()) archive.write("span", table.span.index_select(0, index));
  const SlotCounts& n = table.counts;
  archive.write("counts", torch::tensor(std::vector<double>{n.queries, n.live, n.most_live, n.fading, n.dropped, n.born,
                                                            n.spans, n.most_span},
                                        torch::kFloat64));
}

void load_past(SlotTable& table, const MemoryState& state, torch::serialize::InputArchive& archive) {
  const auto read = [&](const char* name) {
    Tensor tensor;
    archive.read(name, tensor);
    return tensor.cpu();
  };
  const Tensor offset = read("offset"), hidden = read("hidden"), birth = read("birth");
  const bool spans = table.span.defined();
  if (offset.numel() != state.envs + 1) throw Error("the checkpoint's memory is of another number of environments");
  unpack(table.offset, offset);
  if (hidden.size(0) != table.past() || birth.numel() != table.past())
    throw Error("the checkpoint's memory contradicts itself");
  lay_out(table, state, hidden.size(1), table.hidden.options(), spans);
  unpack(table.birth, birth);
  unpack(table.death, read("death"));
  unpack(table.fade, read("fade"));
  unpack(table.stays, read("stays"));
  if (!table.pooled.empty()) unpack(table.pooled, read("pooled"));
  if (!table.paid.empty()) {
    const Tensor paid = read("paid");
    std::copy_n(paid.const_data_ptr<float>(), paid.numel(), table.paid.begin());
  }
  table.hidden.narrow(0, 0, table.past()).copy_(hidden);
  if (spans) table.span.narrow(0, 0, table.past()).copy_(read("span"));
  for (int b = 0; b < state.envs; ++b) {
    table.live[b].resize(table.offset[b + 1] - table.offset[b]);
    std::iota(table.live[b].begin(), table.live[b].end(), table.offset[b]);
  }
  const Tensor counts = read("counts");
  const auto* n = counts.const_data_ptr<double>();
  table.counts = {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]};
}

}  // namespace wane
