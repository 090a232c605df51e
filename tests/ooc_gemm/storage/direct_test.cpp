// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/direct.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ooc_gemm/storage/file.hpp"

namespace {

using namespace ooc_gemm::storage;  // NOLINT(google-build-using-namespace)

// A file of doubles, each its own place, on a disk. Skips where that has no direct reads.
class DirectTest : public testing::Test {
 protected:
  static constexpr int64_t kRows = 700;
  static constexpr int64_t kCols = 513;

  DirectTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ooc-direct-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    name_ = (folder_ / "a.npy").string();
    make(name_, kRows, kCols);
  }
  ~DirectTest() override { std::filesystem::remove_all(folder_); }
  void SetUp() override {
    if (!open(Way::Direct).is_direct()) GTEST_SKIP() << "no direct reads in " << folder_;
  }
  static void make(const std::string& name, int64_t rows, int64_t cols) {
    auto file = File::create({name, Element::F8, Order::C, rows, cols, 0});
    std::vector<double> all(static_cast<size_t>(rows * cols));
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<double>(i);
    EXPECT_TRUE(file && file->lay_out(false).ok() &&
                file->write({0, 0, rows, cols}, all.data(), cols).ok() && file->flush().ok());
  }
  File open(Way way) const { return std::move(File::open(parse_name(name_).value(), way).value()); }

  std::filesystem::path folder_;
  std::string name_;
};

void expect_window(const File& file, const Window& window) {
  SCOPED_TRACE(testing::Message() << window.row << " " << window.col << " " << window.rows << " "
                                  << window.cols);
  const int64_t ld = window.cols + 3;
  std::vector<double> got(static_cast<size_t>(window.rows * ld), -1);
  const auto done = file.read(window, got.data(), ld);
  ASSERT_TRUE(done.ok()) << done.message();
  for (int64_t i = 0; i < window.rows; ++i) {
    for (int64_t j = 0; j < ld; ++j) {
      const auto at = static_cast<double>((window.row + i) * file.matrix().cols + window.col + j);
      ASSERT_EQ(got[static_cast<size_t>(i * ld + j)], j < window.cols ? at : -1);
    }
  }
}

TEST_F(DirectTest, WindowsOfAllShapes) {
  const File file = open(Way::Direct);
  std::mt19937_64 random(2);
  const auto upto = [&](int64_t most) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(most));
  };
  for (int round = 0; round < 200; ++round) {
    const int64_t row = upto(kRows);
    const int64_t col = upto(kCols);
    expect_window(file, {row, col, 1 + upto(kRows - row), 1 + upto(kCols - col)});
  }
  expect_window(file, {kRows - 1, kCols - 1, 1, 1});
}

// Lines as a panel's: one after the other, where the disk's sectors may go straight to their places.
TEST_F(DirectTest, LinesAreReadToWhereTheyLieAsSectors) {
  constexpr int64_t kLong = 2048;
  const std::string name = (folder_ / "long.npy").string();
  make(name, 100, kLong);
  const File file = File::open(parse_name(name).value(), Way::Direct).value();
  ASSERT_TRUE(file.is_direct());
  std::vector<double> memory(60 * kLong + 1024);
  const uintptr_t beyond = reinterpret_cast<uintptr_t>(memory.data()) % 4096;
  for (const Window& window :
       {Window{7, 0, 60, 1024}, Window{7, 1024, 60, 1024}, Window{1, 5, 60, 1024},
        Window{1, 5, 60, 1000}, Window{30, 48, 60, 1024}, Window{2, 17, 60, 320}}) {
    SCOPED_TRACE(testing::Message() << window.row << " " << window.col << " " << window.cols);
    std::fill(memory.begin(), memory.end(), -1.0);
    double* page = memory.data() + (4096 - beyond) % 4096 / 8;
    EXPECT_EQ(file.place_offset(window) % 512, (128 + 8 * window.col) % 512);
    double* to = page + file.place_offset(window) / 8;
    ASSERT_TRUE(file.read(window, to, window.cols).ok());
    for (int64_t i = 0; i < window.rows; ++i) {
      for (int64_t j = 0; j < window.cols; ++j)
        ASSERT_EQ(to[i * window.cols + j],
                  static_cast<double>((window.row + i) * kLong + window.col + j))
            << i << " " << j;
    }
    EXPECT_TRUE(to == memory.data() || to[-1] == -1);
    EXPECT_EQ(to[window.elems()], -1);
  }
}

// With room between them, lines go to their places as whole sectors, wherever in a sector the next one begins.
TEST_F(DirectTest, LinesWithRoomAreReadAsWholeSectors) {
  for (const int64_t length : {2048, 2049, 2111}) {
    const std::string name = (folder_ / ("room" + std::to_string(length))).string();
    make(name, 100, length);
    const File file = File::open(parse_name(name).value(), Way::Direct).value();
    std::vector<double> memory(64 * 2304 + 1024);
    const uintptr_t beyond = reinterpret_cast<uintptr_t>(memory.data()) % 4096;
    for (const Window& window : {Window{7, 0, 60, 1024}, Window{40, length - 1024, 60, 1024},
                                 Window{1, 5, 60, 1000}, Window{30, 48, 1, 1024}}) {
      SCOPED_TRACE(testing::Message() << length << ": " << window.row << " " << window.col);
      std::fill(memory.begin(), memory.end(), -1.0);
      const int64_t ld = file.pitch(window);
      EXPECT_GE(ld, window.cols);
      EXPECT_LE(ld, window.cols + 128);
      EXPECT_EQ((ld - length) % 64, 0);
      double* page = memory.data() + (4096 - beyond) % 4096 / 8;
      double* to = page + file.place_offset(window) / 8;
      ASSERT_TRUE(file.read(window, to, ld, true).ok());
      for (int64_t i = 0; i < window.rows; ++i) {
        for (int64_t j = 0; j < window.cols; ++j)
          ASSERT_EQ(to[i * ld + j], static_cast<double>((window.row + i) * length + window.col + j))
              << i << " " << j;
      }
      EXPECT_TRUE(page == memory.data() || page[-1] == -1);
      EXPECT_EQ(to[window.rows * ld + 64], -1);
    }
  }
  EXPECT_EQ(open(Way::Direct).pitch({0, 0, 10, 255}), 255) << "too short";
  EXPECT_EQ(open(Way::Direct).pitch({0, 0, 10, kCols}), kCols) << "neighbours";
  EXPECT_EQ(open(Way::Cached).pitch({0, 0, 10, 300}), 300);
}

TEST_F(DirectTest, LongPiecesAreCut) {
  const File file = open(Way::Direct);
  std::vector<double> all(static_cast<size_t>(kRows * kCols));
  ASSERT_TRUE(file.read({0, 0, kRows, kCols}, all.data(), kCols).ok());
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<double>(i));
}

TEST_F(DirectTest, EndOfACutFileIsNamed) {
  const File file = open(Way::Direct);
  std::filesystem::resize_file(name_, 128 + 8 * kCols * 600 + 40);
  std::vector<double> all(static_cast<size_t>(kRows * kCols));
  EXPECT_TRUE(file.read({0, 0, 600, kCols}, all.data(), kCols).ok());
  const auto refused = file.read({0, 0, kRows, kCols}, all.data(), kCols);
  const std::string place = "offset " + std::to_string(128 + 8 * kCols * 600 + 40);
  EXPECT_THAT(refused.message(),
              testing::AllOf(testing::HasSubstr(place), testing::HasSubstr("the file ends here")));
}

TEST_F(DirectTest, WhatIsCachedIsReadFromTheCache) {
  const int descriptor = ::open(name_.c_str(), O_RDONLY);
  std::vector<double> all(static_cast<size_t>(kRows * kCols));
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(name_));
  ASSERT_TRUE(open(Way::Cached).read({0, 0, kRows, kCols}, all.data(), kCols).ok());
  EXPECT_GT(cached_share(descriptor, bytes), 0.9);
  EXPECT_FALSE(open(Way::Automatic).is_direct());
  close(descriptor);
}

TEST_F(DirectTest, WithoutARingAllIsTheSame) {
  const int descriptor = ::open(name_.c_str(), O_RDONLY | O_DIRECT);
  const int64_t alignment = direct_alignment(descriptor);
  for (const bool with_ring : {false, true}) {
    DirectIo direct(with_ring);
    std::vector<double> got(20);
    auto* to = reinterpret_cast<char*>(got.data());
    const int64_t past_end = 128 + 8 * kRows * kCols - 4;
    const auto refused = direct.read(
        descriptor, alignment, {{past_end, 8, to}, {128 + 80, 80, to}, {128 + 8000, 80, to + 80}});
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].offset, past_end);
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(got[static_cast<size_t>(i)], 10 + i);
      EXPECT_EQ(got[static_cast<size_t>(10 + i)], 1000 + i);
    }
    EXPECT_TRUE(direct.read(descriptor, alignment, {}).empty());
    EXPECT_EQ(direct.read(-1, alignment, {{5, 1, to}, {1000, 1, to}}).size(), 2U);
    EXPECT_EQ(direct.read(descriptor, 128 << 10, {{0, 1 << 20, to}}).size(), 1U) << "too coarse";
  }
  close(descriptor);
}

// Windows of whole pages, of parts of pages in long and in short lines, from memory that is aligned and that is not; all
// read back through the cache, which must know of what went past it.
TEST_F(DirectTest, WindowsAreWrittenPastTheCache) {
  constexpr int64_t kSide = 24 << 10;
  for (const int64_t offset : {0, 128}) {
    const std::string name = (folder_ / "w.npy").string();
    auto file = File::create({name, Element::F8, Order::C, 64, kSide, 0}, Way::Direct);
    ASSERT_TRUE(file.has_value() && file->is_direct());
    ASSERT_TRUE(file->lay_out(offset == 0).ok());
    EXPECT_EQ(file->matrix().data_offset, offset);
    std::vector<double> all(64 * kSide, 0);
    std::vector<double> memory(64 * kSide + 512);
    const uintptr_t beyond = reinterpret_cast<uintptr_t>(memory.data()) % 4096;
    double* aligned = memory.data() + (4096 - beyond) % 4096 / 8;
    double next = 1;
    for (double* from : {aligned, aligned + 1}) {
      for (const Window& window :
           {Window{0, 0, 64, 512}, Window{3, 512, 20, 10240}, Window{30, 7, 9, 20000},
            Window{5, 100, 50, 11}, Window{10, 0, 4, kSide}}) {
        const int64_t ld = window.cols == kSide ? kSide : window.cols + 512 - window.cols % 512;
        for (int64_t i = 0; i < window.rows; ++i) {
          for (int64_t j = 0; j < window.cols; ++j)
            from[i * ld + j] = all[static_cast<size_t>((window.row + i) * kSide + window.col + j)] =
                next++;
        }
        const auto done = file->write(window, from, ld);
        ASSERT_TRUE(done.ok()) << done.message();
      }
    }
    ASSERT_TRUE(file->flush().ok());
    std::vector<double> got(all.size());
    std::ifstream there(name, std::ios::binary);
    there.seekg(offset);
    there.read(reinterpret_cast<char*>(got.data()), static_cast<std::streamsize>(8 * got.size()));
    EXPECT_TRUE(there.good() && got == all);
    ASSERT_TRUE(file->read({0, 0, 64, kSide}, got.data(), kSide).ok());
    EXPECT_TRUE(got == all);
  }
}

TEST_F(DirectTest, LargeOutputsBeginWithAPageAndGoPastTheCache) {
  const std::string name = (folder_ / "large.npy").string();
  auto file = File::create({name, Element::F8, Order::C, 2048, 1024, 0});
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(file->is_direct());
  ASSERT_TRUE(file->lay_out(false).ok());
  EXPECT_EQ(file->matrix().data_offset, 4096);
  EXPECT_TRUE(file->is_laid_out(false));
  EXPECT_EQ(File::open(parse_name(name).value())->matrix().data_offset, 4096);
  EXPECT_FALSE(File::create({name_, Element::F8, Order::C, 2047, 1024, 0})->is_direct());
}

TEST_F(DirectTest, WithoutARingAllIsWritten) {
  const std::string name = (folder_ / "w").string();
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_DIRECT, 0600);
  std::vector<char> from(3 << 20);
  for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<char>(i * i >> 8);
  for (const bool with_ring : {false, true}) {
    DirectIo direct(with_ring);
    const auto bytes = static_cast<int64_t>(from.size());
    EXPECT_TRUE(direct.write(descriptor, 4096, {{0, bytes, from.data()}}).empty());
    std::vector<char> got(from.size());
    EXPECT_TRUE(direct.read(descriptor, 4096, {{0, bytes, got.data()}}).empty());
    EXPECT_TRUE(got == from);
    EXPECT_EQ(direct.write(-1, 4096, {{0, 4096, from.data()}}).size(), 1U);
    EXPECT_FALSE(direct.is_lost());
    ASSERT_EQ(ftruncate(descriptor, 0), 0);
  }
  close(descriptor);
}

// From now on the kernel refuses this thread's rings.
void refuse_rings() {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_enter, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{static_cast<uint16_t>(std::size(steps)), steps};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST_F(DirectTest, ARingThatIsTakenAwayGivesEverythingBack) {
  const int descriptor = ::open(name_.c_str(), O_RDONLY | O_DIRECT);
  std::thread([&] {
    DirectIo direct;
    if (!direct.has_ring()) return;  // as it is then read, WithoutARingAllIsTheSame shows
    refuse_rings();
    std::vector<char> got(2 << 20);
    for (int round = 0; round < 2; ++round) {
      int64_t refused = 0;
      for (const Piece& piece :
           direct.read(descriptor, 4096, {{0, 8, got.data()}, {4096, 2 << 20, got.data()}}))
        refused += piece.bytes;
      EXPECT_EQ(refused, 8 + (2 << 20));
    }
    DirectIo writer;
    EXPECT_EQ(writer.write(descriptor, 4096, {{4096, 4096, got.data()}}).size(), 1U);
    EXPECT_FALSE(writer.is_lost()) << "the kernel took none of it";
  }).join();
  close(descriptor);
}

}  // namespace
