// A checkpoint file that is damaged, cut short, foreign or could not be written.

#include "agents/checkpoint.h"

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "agents/archive.h"
#include "tiny.h"

namespace wane {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

/// A checkpoint that holds `numbers`.
void save(const fs::path& path, const std::vector<double>& numbers) {
  torch::serialize::OutputArchive archive;
  write_numbers(archive, "numbers", numbers);
  write_checkpoint(path, archive);
}

std::vector<double> load(const fs::path& path) {
  auto archive = read_checkpoint(path, torch::kCPU);
  return read_numbers(archive, "numbers");
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Damaged : public testing::Test {
 protected:
  Damaged() {
    save(path, {1, 2.5, -0.0, 1e300});
    whole = bytes_of(path);
  }
  std::string error(const std::string& bytes) {
    write(path, bytes);
    const std::string message = error_of([&] { load(path); });
    EXPECT_TRUE(message.empty() || message.starts_with(path.string() + ": ")) << message;
    EXPECT_FALSE(contains(message, "\n")) << message;
    return message;
  }
  Folder folder;
  fs::path path = folder / "latest";
  std::string whole;
};

TEST_F(Damaged, WholeItReadsBack) { EXPECT_EQ(load(path), (std::vector<double>{1, 2.5, -0.0, 1e300})); }

TEST_F(Damaged, CutShortAnywhere) {
  for (std::size_t size = 0; size < whole.size(); size += size < 80 || size + 80 > whole.size() ? 1 : 37) {
    const std::string message = error(whole.substr(0, size));
    EXPECT_TRUE(contains(message, size < 32 ? "not a wane checkpoint" : "cut short")) << size << " bytes: " << message;
  }
}

TEST_F(Damaged, AndTooLong) { EXPECT_TRUE(contains(error(whole + "x"), "bytes")); }

TEST_F(Damaged, OneByteFlippedAnywhere) {
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] ^= 0x10;
    ASSERT_NE(error(bytes), "") << "byte " << at << " of " << whole.size();
  }
}

TEST_F(Damaged, OfAnotherVersion) {
  std::string bytes = whole;
  const std::uint32_t version = kCheckpointVersion + 1;
  std::copy_n(reinterpret_cast<const char*>(&version), sizeof version, bytes.begin() + 8);
  const std::string message = error(bytes);
  EXPECT_TRUE(contains(message, "version " + std::to_string(version))) << message;
  EXPECT_TRUE(contains(message, "reads version " + std::to_string(kCheckpointVersion))) << message;
}

TEST_F(Damaged, Foreign) {
  EXPECT_TRUE(
      contains(error("PK\x03\x04 an archive of something else, longer than a header"), "not a wane checkpoint"));
  EXPECT_TRUE(contains(error(std::string(100'000, '\0')), "not a wane checkpoint"));
}

TEST_F(Damaged, Missing) {
  fs::remove(path);
  EXPECT_EQ(error_of([&] { load(path); }), path.string() + ": no such checkpoint");
}

TEST_F(Damaged, AFolder) {
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_NE(error_of([&] { load(path); }), "");
}

TEST(WriteCheckpoint, LeavesTheOldFileWhereTheDiskIsFull) {
  Folder folder;
  save(folder / "latest", {1, 2, 3});
  const std::string before = bytes_of(folder / "latest");
  rlimit old{}, little{};
  getrlimit(RLIMIT_FSIZE, &old);
  little = {1000, old.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const std::string message = error_of([&] { save(folder / "latest", std::vector<double>(10'000, 7)); });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, (folder / "latest").string() + ": cannot write: File too large");
  EXPECT_EQ(bytes_of(folder / "latest"), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "a temporary file is left";
  save(folder / "latest", {4});
  EXPECT_EQ(load(folder / "latest"), (std::vector<double>{4}));
}

TEST(WriteCheckpoint, NamesAFolderThatIsNotThere) {
  Folder folder;
  const std::string message = error_of([&] { save(folder / "gone/latest", {1}); });
  EXPECT_TRUE(contains(message, (folder / "gone/latest").string())) << message;
  EXPECT_TRUE(contains(message, "No such file or directory")) << message;
}

}  // namespace
}  // namespace wane
