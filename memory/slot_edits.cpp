#include "memory/slot_edits.h"

#include <torch/types.h>

namespace wane {

MemoryState copy_of(const MemoryState& state) {
  MemoryState copy = state;
  for (torch::Tensor* tensor : {&copy.recurrent, &copy.recurrent_before})
    if (tensor->defined()) *tensor = tensor->clone();
  for (SlotTable& table : copy.layers) {
    DeviceBooks& books = table.books;
    for (torch::Tensor* tensor :
         {&table.hidden, &table.key, &table.value, &table.span, &table.query, &books.offset, &books.candidate,
          &books.stays, &books.fade, &books.live, &books.episode, &books.counts}) {
      if (tensor->defined()) *tensor = tensor->clone();
    }
  }
  return copy;
}

SlotLife life_of(const SlotTable& table, std::int32_t row) {
  return {table.span.defined() ? table.span[row].item<double>() : 0, table.death[row], table.fade[row],
          table.stays[row]};
}

void give_life(SlotTable& table, std::int32_t row, const SlotLife& life) {
  if (table.span.defined()) table.span[row].fill_(life.span);
  table.death[row] = life.death;
  table.fade[row] = life.fade;
  table.stays[row] = life.stays;
}

bool erase_slot(SlotTable& table, int lane, std::int64_t birth) {
  return std::erase_if(table.live[lane], [&](std::int32_t row) { return table.birth[row] == birth; }) > 0;
}

bool pin_slot(SlotTable& table, int lane, std::int64_t birth) {
  for (const std::int32_t row : table.live[lane]) {
    if (table.birth[row] != birth) continue;
    table.stays[row] = 1;
    table.death[row] = kNever;
    return true;
  }
  return false;
}

}  // namespace wane
