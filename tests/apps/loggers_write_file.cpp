// configs/write_file.h: whole or not there; every refusal is an Error that names the file and the reason.

#include "configs/write_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "configs/error.h"
#include "tests/apps/full_disk.h"
#include "tests/apps/temporary_folder.h"

namespace wane {
namespace {

namespace fs = std::filesystem;

int files_in(const fs::path& folder) { return static_cast<int>(std::distance(fs::directory_iterator(folder), {})); }

TEST(WriteFile, WritesEveryByteAndLeavesNothingElse) {
  const TemporaryFolder folder;
  std::string bytes(3 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7919 >> 3);
  write_file_atomically(folder.path / "latest", bytes);
  EXPECT_TRUE(text_of(folder.path / "latest") == bytes);
  write_file_atomically(folder.path / "latest", "short");
  EXPECT_EQ(text_of(folder.path / "latest"), "short");
  EXPECT_EQ(files_in(folder.path), 1);
}

TEST(WriteFile, ReplacesTheFileInsteadOfWritingIntoIt) {
  const TemporaryFolder folder;
  put_text(folder.path / "latest", "old");
  fs::create_hard_link(folder.path / "latest", folder.path / "reader");  // as a reader who has the old file open
  write_file_atomically(folder.path / "latest", "new");
  EXPECT_EQ(text_of(folder.path / "reader"), "old");
  EXPECT_EQ(text_of(folder.path / "latest"), "new");
}

TEST(WriteFile, WritesThroughLinksAndIntoWhatIsNoFile) {
  const TemporaryFolder folder;
  put_text(folder.path / "file", "old");
  fs::create_symlink("file", folder.path / "link");
  write_file_atomically(folder.path / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder.path / "link"));
  EXPECT_EQ(text_of(folder.path / "file"), "new");

  fs::create_symlink("/dev/null", folder.path / "null");
  write_file_atomically(folder.path / "null", "new");
  EXPECT_TRUE(fs::is_symlink(folder.path / "null"));
  fs::create_symlink("/dev/full", folder.path / "full");
  EXPECT_EQ(message_of<Error>([&] { write_file_atomically(folder.path / "full", "new"); }),
            (folder.path / "full").string() + ": cannot write: " + std::strerror(ENOSPC));
  EXPECT_EQ(files_in(folder.path), 4);
}

TEST(WriteFile, TheLeftoverOfAKilledProcessIsReplaced) {
  const TemporaryFolder folder;
  put_text(folder.path / "latest.tmp", std::string(1000, 'x'));
  write_file_atomically(folder.path / "latest", "new");
  EXPECT_EQ(text_of(folder.path / "latest"), "new");
  EXPECT_EQ(files_in(folder.path), 1);
}

TEST(WriteFile, AFullDiskKeepsTheOldFileAndLeavesNoOther) {
  const TemporaryFolder folder;
  const fs::path path = folder.path / "latest";
  put_text(path, "old");
  const std::string said = on_a_full_disk(
      1000, [&] { return message_of<Error>([&] { write_file_atomically(path, std::string(1001, 'x')); }); });
  EXPECT_EQ(said, path.string() + ": cannot write: " + std::strerror(EFBIG));
  EXPECT_EQ(text_of(path), "old");
  EXPECT_EQ(files_in(folder.path), 1);
  EXPECT_EQ(on_a_full_disk(
                1000, [&] { return message_of<Error>([&] { write_file_atomically(path, std::string(1000, 'x')); }); }),
            "no error");
}

TEST(WriteFile, AMissingFolderAndAFolderInTheWayAreNamed) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of<Error>([&] { write_file_atomically(folder.path / "no" / "latest", "x"); }),
            (folder.path / "no" / "latest.tmp").string() + ": cannot open: " + std::strerror(ENOENT));
  fs::create_directory(folder.path / "latest");
  EXPECT_EQ(message_of<Error>([&] { write_file_atomically(folder.path / "latest", "x"); }),
            (folder.path / "latest").string() + ": cannot replace: " + std::strerror(EISDIR));
  EXPECT_EQ(files_in(folder.path), 1);
}

TEST(AppendedFile, ContinuesAFileAndIsReadableAtOnce) {
  const TemporaryFolder folder;
  const fs::path path = folder.path / "log";
  put_text(path, "one\n");
  AppendedFile file(path);
  file.append("two\n");
  EXPECT_EQ(text_of(path), "one\ntwo\n");
}

TEST(AppendedFile, AFullDiskIsAnError) {
  AppendedFile full("/dev/full");
  EXPECT_EQ(message_of<Error>([&] { full.append("x"); }),
            std::string("/dev/full: cannot write: ") + std::strerror(ENOSPC));
}

}  // namespace
}  // namespace wane
