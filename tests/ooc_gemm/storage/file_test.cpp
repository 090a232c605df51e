// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/file.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace {

using namespace ooc_gemm::storage;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ooc-file-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  // A 5 x 3 matrix whose element (i, j) is 10 i + j.
  void make(const std::string& name, Order order) const {
    auto file = File::create({name, Element::F8, order, 5, 3, 0});
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE(file->lay_out(false).ok());
    for (int i = 0; i < 5; ++i) {
      for (int j = 0; j < 3; ++j) {
        const double value = 10 * i + j;
        ASSERT_TRUE(file->write({i, j, 1, 1}, &value, 1).ok());
      }
    }
    ASSERT_TRUE(file->flush().ok());
  }
  std::filesystem::path folder_;
};

TEST_F(FileTest, WindowsOfBothOrders) {
  for (const Order order : {Order::C, Order::Fortran}) {
    const std::string name = path("a.npy");
    make(name, order);
    auto file = File::open(parse_name(name).value());
    ASSERT_TRUE(file.has_value()) << file.error().message();
    std::vector<double> window(100, -1);
    ASSERT_TRUE(file->read({1, 1, 3, 2}, window.data(), 10).ok());
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 2; ++j) {
        const int place = order == Order::C ? i * 10 + j : j * 10 + i;
        EXPECT_EQ(window[static_cast<size_t>(place)], 10 * (i + 1) + j + 1);
      }
    }
    EXPECT_EQ(window[static_cast<size_t>(order == Order::C ? 2 : 3)], -1);
    std::vector<double> all(15);
    ASSERT_TRUE(file->read({0, 0, 5, 3}, all.data(), order == Order::C ? 3 : 5).ok());
    EXPECT_EQ(all[14], 42);
    EXPECT_EQ(all[1], order == Order::C ? 1 : 10);
  }
}

TEST_F(FileTest, RawFilesHaveTheirShapeInTheName) {
  const std::string name = path("a.bin");
  std::ofstream(name, std::ios::binary) << std::string(48, '\0');
  EXPECT_TRUE(File::open(parse_name(name + "@2x3:f8").value()).has_value());
  const auto wrong = File::open(parse_name(name + "@3x3:f8").value());
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().message(),
              AllOf(HasSubstr("a.bin: offset 48"), HasSubstr("ends at 72")));
  EXPECT_FALSE(File::open(parse_name(name + "@1x3:f8").value()).has_value());
}

TEST_F(FileTest, TruncatedFilesAreRefusedWithTheOffset) {
  const std::string name = path("a.npy");
  make(name, Order::C);
  std::filesystem::resize_file(name, 200);
  const auto data = File::open(parse_name(name).value());
  ASSERT_FALSE(data.has_value());
  EXPECT_THAT(data.error().message(), HasSubstr("offset 200: the file ends here"));
  std::filesystem::resize_file(name, 100);
  EXPECT_THAT(File::open(parse_name(name).value()).error().message(),
              HasSubstr("inside its header"));
  std::filesystem::resize_file(name, 3);
  EXPECT_THAT(File::open(parse_name(name).value()).error().message(), HasSubstr("not a .npy file"));
}

TEST_F(FileTest, FilesThatChangeOrShrinkUnderneath) {
  const std::string name = path("a.npy");
  make(name, Order::C);
  auto file = File::open(parse_name(name).value());
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(file->check_unchanged().ok());
  std::filesystem::resize_file(name, 128 + 40);
  EXPECT_THAT(file->check_unchanged().message(),
              AllOf(HasSubstr("a.npy"), HasSubstr("changed while it was read")));
  std::vector<double> all(15);
  EXPECT_THAT(file->read({0, 0, 5, 3}, all.data(), 3).message(),
              HasSubstr("offset 168: the file ends here; 80 more"));
}

TEST_F(FileTest, WhatCannotBeOpened) {
  EXPECT_THAT(File::open(parse_name(path("none.npy")).value()).error().message(),
              AllOf(HasSubstr("none.npy: cannot open"), HasSubstr("No such file")));
  EXPECT_THAT(File::open(parse_name(folder_.string() + "@1x1:f8").value()).error().message(),
              HasSubstr("not a regular file"));
  EXPECT_THAT(File::create({path("no/c.npy"), Element::F8, Order::C, 1, 1, 0}).error().message(),
              HasSubstr("c.npy: cannot create: No such file"));
}

TEST_F(FileTest, OneWriterOnly) {
  const Description matrix{path("c.npy"), Element::F8, Order::C, 1, 1, 0};
  const auto first = File::create(matrix);
  ASSERT_TRUE(first.has_value());
  EXPECT_THAT(File::create(matrix).error().message(), HasSubstr("another run"));
}

TEST_F(FileTest, NoRoomIsKnownBeforeAnythingIsWritten) {
  auto file = File::create({path("c.npy"), Element::F8, Order::C, 1000, 1000, 0});
  ASSERT_TRUE(file.has_value());
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{1 << 16, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const Status refused = file->lay_out(false);
  setrlimit(RLIMIT_FSIZE, &before);
  (void)std::signal(SIGXFSZ, handler);
  EXPECT_THAT(refused.message(), AllOf(HasSubstr("c.npy: offset"), HasSubstr("File too large")));
}

TEST_F(FileTest, NamesReachTheDiskWhereTheFileSystemHasOne) {
  EXPECT_TRUE(flush_name(path("c.npy")).ok());
  EXPECT_TRUE(flush_name("c.npy").ok());
  EXPECT_TRUE(flush_name("/proc/self/c.npy").ok()) << "nothing to be flushed there";
  EXPECT_THAT(flush_name("/nowhere/c.npy").message(), HasSubstr("/nowhere: cannot open"));
}

}  // namespace
