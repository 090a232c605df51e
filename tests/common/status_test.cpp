// SPDX-License-Identifier: Apache-2.0
#include "common/status.hpp"

#include <gtest/gtest.h>

namespace blasx {
namespace {

Result<int> half_of(int n) {
  if (n % 2 != 0) return failure(StatusCode::InvalidArgument, "odd");
  return n / 2;
}

TEST(Status, SaysCodeAndMessage) {
  EXPECT_EQ(Status().to_string(), "ok");
  EXPECT_EQ(Status(StatusCode::DeviceLost).to_string(), "device lost");
  EXPECT_EQ(Status(StatusCode::OutOfMemory, "arena").to_string(), "out of memory: arena");
  EXPECT_TRUE(Status().ok());
  EXPECT_FALSE(Status(StatusCode::IoError));
}

TEST(Status, EveryCodeHasAName) {
  for (int code = 0; code <= static_cast<int>(StatusCode::Internal); ++code) {
    EXPECT_STRNE(status_code_name(static_cast<StatusCode>(code)), "unknown") << code;
  }
}

TEST(Result, CarriesValueOrStatus) {
  EXPECT_EQ(half_of(4).value(), 2);
  EXPECT_TRUE(half_of(4).status());
  EXPECT_EQ(half_of(3).status(), Status(StatusCode::InvalidArgument, "odd"));
}

TEST(Result, TakesTheOutcomeOfAMap) {
  const auto text = [](int n) { return std::to_string(n); };
  const Result<std::string> good = half_of(8).map(text);
  EXPECT_EQ(*good, "4");
  const Result<std::string> bad = half_of(7).map(text);
  EXPECT_EQ(bad.error().message(), "odd");
}

}  // namespace
}  // namespace blasx
