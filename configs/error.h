#pragma once
// The one exception for bad input: a setting, a file, a world, a checkpoint. Its message names the thing, the value and
// what is allowed. It is caught once, in `main`, which prints it and exits with 2. Bugs are not errors: see `check`.

#include <source_location>
#include <stdexcept>
#include <string>

namespace wane {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Always on, in every build: a false `holds` is a bug of ours (a wrong shape, a broken invariant), so the message
/// names the place in our code. Throws std::logic_error.
inline void check(bool holds, const char* what, std::source_location at = std::source_location::current()) {
  if (!holds)
    throw std::logic_error(std::string(at.file_name()) + ":" + std::to_string(at.line()) + ": check failed: " + what);
}

}  // namespace wane
