// A table's past in a checkpoint.

#include <torch/torch.h>

#include <numeric>

#include "configs/error.h"
#include "memory/slot_table.h"

namespace wane {
namespace {

using torch::Tensor;

template <class T>
Tensor pack(const std::vector<T>& values, std::size_t count) {
  return torch::tensor(std::vector<std::int64_t>(values.begin(), values.begin() + count), torch::kInt64);
}

template <class T>
void unpack(std::vector<T>& to, const Tensor& values) {
  const auto* at = values.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < values.numel(); ++i) to[i] = static_cast<T>(at[i]);
}

}  // namespace

void save_past(const SlotTable& table, torch::serialize::OutputArchive& archive) {
  const std::size_t past = table.past();
  archive.write("offset", pack(table.offset, table.offset.size()));
  archive.write("birth", pack(table.birth, past));
  archive.write("death", pack(table.death, past));
  archive.write("fade", pack(table.fade, past));
  archive.write("stays", pack(table.stays, past));
  archive.write("hidden", table.hidden.narrow(0, 0, past).clone());
  if (table.span.defined()) archive.write("span", table.span.narrow(0, 0, past).clone());
  const SlotCounts& n = table.counts;
  archive.write("counts", torch::tensor(std::vector<double>{n.queries, n.live, n.most_live, n.fading, n.dropped, n.born, n.spans, n.most_span}, torch::kFloat64));
}

void load_past(SlotTable& table, const MemoryState& state, torch::serialize::InputArchive& archive) {
  const auto read = [&](const char* name) {
    Tensor tensor;
    archive.read(name, tensor);
    return tensor;
  };
  const Tensor offset = read("offset"), hidden = read("hidden"), birth = read("birth");
  const bool spans = table.span.defined();
  if (offset.numel() != state.envs + 1) throw Error("the checkpoint's memory is of another number of environments");
  unpack(table.offset, offset);
  if (hidden.size(0) != table.past() || birth.numel() != table.past()) throw Error("the checkpoint's memory contradicts itself");
  lay_out(table, state, hidden.size(1), table.hidden.options(), spans);
  unpack(table.birth, birth);
  unpack(table.death, read("death"));
  unpack(table.fade, read("fade"));
  unpack(table.stays, read("stays"));
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
