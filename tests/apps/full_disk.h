#pragma once
// A child process in which no file may grow past `bytes`, as on a full disk (RLIMIT_FSIZE: write gives EFBIG). `work`
// runs there; what it returns, at most 4 KB, comes back.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace wane {

template <class Work>
std::string on_a_full_disk(rlim_t bytes, Work work) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);  // then write fails instead of killing
    const rlimit limit{bytes, bytes};
    const std::string said = ::setrlimit(RLIMIT_FSIZE, &limit) == 0 ? work() : "no limit";
    ::_exit(::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(got));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return said;
}

/// The message of what `work` throws, or "no error".
template <class Exception, class Work>
std::string message_of(Work work) {
  try {
    work();
  } catch (const Exception& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace wane
