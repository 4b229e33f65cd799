#include "configs/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "configs/error.h"

namespace wane {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int reason) {
  throw Error(path.string() + ": cannot " + what + ": " + std::strerror(reason));
}

int open_or_fail(const std::filesystem::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (file < 0) fail(path, "open", errno);
  return file;
}

/// 0, or the errno of the write that failed.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// After this the new name survives a power cut, too. Some file systems have no fsync for folders (EINVAL): nothing to
/// do.
void sync_folder(const std::filesystem::path& folder) {
  const int file = open_or_fail(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  const int reason = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (reason != 0 && reason != EINVAL) fail(folder, "sync the folder", reason);
}

}  // namespace

void write_file_atomically(const std::filesystem::path& name, std::string_view bytes) {
  std::error_code none;
  if (std::filesystem::is_other(name, none)) {
    const int file = open_or_fail(name, O_WRONLY);
    const int reason = write_all(file, bytes);
    ::close(file);
    if (reason != 0) fail(name, "write", reason);
    return;
  }
  const bool leads_on = std::filesystem::is_symlink(name, none) && std::filesystem::exists(name, none);
  const std::filesystem::path path = leads_on ? std::filesystem::canonical(name) : name;
  const std::filesystem::path temporary = path.string() + ".tmp";
  const int file = open_or_fail(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  const char* what = "write";
  int reason = write_all(file, bytes);
  if (reason == 0 && ::fsync(file) != 0) what = "sync", reason = errno;
  if (::close(file) != 0 && reason == 0)
    what = "close", reason = errno;  // network file systems report a full disk here
  if (reason == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) what = "replace", reason = errno;
  if (reason != 0) {
    ::unlink(temporary.c_str());
    fail(path, what, reason);
  }
  sync_folder(path.parent_path());
}

AppendedFile::AppendedFile(std::filesystem::path path)
    : path_(std::move(path)), file_(open_or_fail(path_, O_WRONLY | O_CREAT | O_APPEND)) {}

AppendedFile::~AppendedFile() { ::close(file_); }

void AppendedFile::append(std::string_view bytes) {
  if (const int reason = write_all(file_, bytes); reason != 0) fail(path_, "write", reason);
}

}  // namespace wane
