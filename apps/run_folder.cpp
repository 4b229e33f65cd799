#include "apps/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>

#include "configs/error.h"

namespace wane {
namespace fs = std::filesystem;

RunFolder RunFolder::create(const Settings& settings, const std::string& wanted) {
  RunFolder folder{wanted};
  if (wanted.empty()) {
    const std::time_t now = std::time(nullptr);
    char time[32];
    std::strftime(time, sizeof time, "%Y%m%d-%H%M%S", std::localtime(&now));
    const std::string name =
        fmt::format("{}__{}__{}__{}", settings.world.name, settings.memory.kind, settings.train.seed, time);
    folder.path = fs::path("runs") / name;
    for (int again = 2; fs::exists(folder.path); ++again)
      folder.path = fs::path("runs") / fmt::format("{}-{}", name, again);
  }
  if (fs::exists(folder.config())) {
    throw Error(fmt::format("{}: there is a run already; go on with it by --resume, or name another folder",
                            folder.path.string()));
  }
  std::error_code failed;
  fs::create_directories(folder.path / "checkpoints", failed);
  if (failed) throw Error(fmt::format("{}: cannot make the run's folder: {}", folder.path.string(), failed.message()));
  return folder;
}

RunFolder RunFolder::open(const std::string& path) {
  RunFolder folder{path};
  if (!fs::is_directory(path)) throw Error(path + ": no such run folder");
  if (!fs::exists(folder.config())) throw Error(path + ": not a run folder (no config.yaml in it)");
  return folder;
}

std::shared_ptr<const void> RunFolder::hold() const {
  const std::shared_ptr<const int> file(new int(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), [](int* fd) {
    ::close(*fd);
    delete fd;
  });
  if (*file < 0 || ::flock(*file, LOCK_EX | LOCK_NB) == 0) return file;  // a file system without locks: as before
  if (errno == EWOULDBLOCK) throw Error(path.string() + ": another process is training this run");
  return file;
}

fs::path find_checkpoint(const std::string& name) {
  if (!fs::exists(name)) throw Error(name + ": no such run or checkpoint");
  if (!fs::is_directory(name)) return name;
  const fs::path latest = RunFolder::open(name).checkpoint("latest");
  if (!fs::exists(latest)) throw Error(name + ": the run has no checkpoint yet");
  return latest;
}

}  // namespace wane
