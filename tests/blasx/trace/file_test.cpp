// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/blasx/trace/content_of.hpp"

namespace blasx::trace {
namespace {

class File : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_ = ::testing::TempDir() + "file_test." + std::to_string(::getpid());
};

TEST_F(File, ExpandsTheProcessId) {
  EXPECT_EQ(expand_path("t.%p.json", 42), "t.42.json");
  EXPECT_EQ(expand_path("100%%p", 42), "100%p");
  EXPECT_EQ(expand_path("%d%", 42), "%d%");
}

TEST_F(File, ReplacesAndLeavesNothingBeside) {
  const std::string path = folder_ + "/a";
  EXPECT_TRUE(replace_file(path, "a longer text"));
  EXPECT_TRUE(replace_file(path, "short"));
  EXPECT_EQ(content_of(path), "short");
  size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    entries += entry.exists() ? 1 : 0;
  }
  EXPECT_EQ(entries, 1U);
}

// A pipe or a terminal must stay what it is. Only ever in a folder of the test's own: what replaces
// by mistake, replaces.
TEST_F(File, WritesThroughWhatIsNotAFile) {
  const std::string path = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  EXPECT_TRUE(replace_file(path, "text"));
  char buffer[16];
  EXPECT_EQ(::read(reader, buffer, sizeof buffer), 4);
  ::close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(path));
}

TEST_F(File, Appends) {
  const std::string path = folder_ + "/a";
  EXPECT_TRUE(append_file(path, "1\n"));
  EXPECT_TRUE(append_file(path, "2\n"));
  EXPECT_EQ(content_of(path), "1\n2\n");
}

TEST_F(File, TellsWhy) {
  const Status status = replace_file(folder_ + "/none/a", "x");
  EXPECT_EQ(status.code(), StatusCode::IoError);
  EXPECT_EQ(status.message(), "No such file or directory");
}

}  // namespace
}  // namespace blasx::trace
