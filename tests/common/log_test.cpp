// SPDX-License-Identifier: Apache-2.0
#include "common/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace blasx {
namespace {

class Log : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_sink(
        [](log::Level, std::string_view line, void* context) {
          static_cast<std::vector<std::string>*>(context)->emplace_back(line);
        },
        &lines_);
  }
  void TearDown() override {
    log::set_sink(nullptr, nullptr);
    log::set_verbosity(0);
    log::set_prefix("blasx");
  }

  std::vector<std::string> lines_;
};

TEST_F(Log, HasOneLineShape) {
  log::warning("a tile is missing");
  log::error("no host BLAS");
  log::plain("{}");
  EXPECT_EQ(lines_, (std::vector<std::string>{"blasx: warning: a tile is missing",
                                              "blasx: error: no host BLAS", "{}"}));
}

TEST_F(Log, TakesTheLibrarysPrefix) {
  log::set_prefix("lpcoll");
  log::warning("x");
  EXPECT_EQ(lines_.at(0), "lpcoll: warning: x");
}

TEST_F(Log, InfoOnlyWhenAskedFor) {
  log::info("quiet");
  EXPECT_TRUE(lines_.empty());
  log::set_verbosity(1);
  log::info("loud");
  EXPECT_EQ(lines_, std::vector<std::string>{"blasx: loud"});
}

TEST_F(Log, WarnsOnceASiteAndBuildsTheTextOnlyThen) {
  int built = 0;
  const auto text = [&] {
    ++built;
    return std::string("again");
  };
  for (int i = 0; i < 3; ++i) BLASX_WARN_ONCE(text());
  EXPECT_EQ(lines_.size(), 1U);
  EXPECT_EQ(built, 1);
}

TEST(LogStderr, WritesTheLine) {
  ::testing::internal::CaptureStderr();
  log::warning("told");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "blasx: warning: told\n");
}

// A BLAS call that warns must not change the caller's errno, also where stderr takes nothing.
TEST(LogStderr, KeepsErrno) {
  const int stderr_copy = ::dup(STDERR_FILENO);
  const int unwritable = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(::dup2(unwritable, STDERR_FILENO), 0);
  errno = ERANGE;
  log::warning("lost");
  const int after = errno;
  ::dup2(stderr_copy, STDERR_FILENO);
  ::close(unwritable);
  ::close(stderr_copy);
  EXPECT_EQ(after, ERANGE);
}

}  // namespace
}  // namespace blasx
