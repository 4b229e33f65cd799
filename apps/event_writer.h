#pragma once
// Scalars for TensorBoard: one event file, `events.out.tfevents.<time>.<host>.<process>`, of protobuf events
// (`tensorboard.proto`) framed as TFRecords.
//
//   EventWriter events("runs/corridor__expire_span__1__...", -1);
//   events.scalar("rollout/success_rate", 0.5, 20480);
//   events.flush();
//
// A resumed run gets a file of its own, whose name sorts after those already there: TensorBoard reads them in this
// order.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "configs/write_file.h"

namespace wane {

class EventWriter {
 public:
  /// start_step >= 0 (a resume): TensorBoard forgets the folder's earlier events with step >= start_step. `folder` must
  /// exist. Error where the file cannot be written.
  EventWriter(const std::filesystem::path& folder, std::int64_t start_step);

  /// TensorBoard keeps values as 32-bit floats. Held back until `flush`.
  void scalar(std::string_view tag, double value, std::int64_t step);

  /// Hands everything held back to the system in one write. Error, naming the file, where that fails.
  void flush();

 private:
  AppendedFile file_;
  std::string pending_;  // whole records
};

}  // namespace wane
