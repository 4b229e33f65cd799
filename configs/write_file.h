#pragma once
// Files that are whole or not there, and files that grow row by row. Whatever the system refuses (a full disk, a
// missing folder, no permission) is a wane::Error naming the file and the system's reason; nothing is lost in silence.
//
//   write_file_atomically(folder / "checkpoints/latest", bytes);   // a reader sees the old file or the new one
//   AppendedFile csv(folder / "progress.csv");                     // made where it is missing, else continued
//   csv.append("20480,0.5\n");                                     // with the system when this returns
//
// Not done here: locks. One process writes a run folder.

#include <filesystem>
#include <string_view>

namespace wane {

/// Replaces the file `name` by `bytes`: temporary file beside it (`<name>.tmp`), fsync, rename, fsync of the folder. A
/// process killed at any moment leaves the old file or the new one, and at worst a `<name>.tmp`, which the next write
/// replaces. On failure the old file stays as it was and the temporary one is removed. Of a link it is the file that it
/// leads to; what is no file (a pipe, /dev/stdout) is written to as it is.
void write_file_atomically(const std::filesystem::path& name, std::string_view bytes);

/// A file open for appending. What `append` has returned from survives the process's death (not the machine's: no
/// fsync).
class AppendedFile {
 public:
  explicit AppendedFile(std::filesystem::path path);
  ~AppendedFile();
  AppendedFile(const AppendedFile&) = delete;
  AppendedFile& operator=(const AppendedFile&) = delete;

  /// All of `bytes`, or an Error: then a part of them may be in the file (readers of logs cut a half-written end).
  void append(std::string_view bytes);

 private:
  std::filesystem::path path_;
  int file_;  // a POSIX descriptor
};

}  // namespace wane
