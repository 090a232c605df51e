// SPDX-License-Identifier: Apache-2.0
#include "common/log.hpp"

#include <gtest/gtest.h>

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

TEST(LogStderr, WritesTheLineAndKeepsErrno) {
  ::testing::internal::CaptureStderr();
  errno = ERANGE;
  log::warning("kept");
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "blasx: warning: kept\n");
}

}  // namespace
}  // namespace blasx
