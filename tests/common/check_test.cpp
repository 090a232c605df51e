// SPDX-License-Identifier: Apache-2.0
#include "common/check.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "common/strong_id.hpp"

namespace blasx {
namespace {

using TestId = StrongId<struct TestTag>;

template <typename F>
std::string message_of(F fails) {
  try {
    fails();
  } catch (const InternalError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Check, PassesSilently) {
  BLASX_CHECK(1 + 1 == 2);
  BLASX_CHECK_EQ(2, 2);
  BLASX_CHECK_NE(1, 2);
  BLASX_CHECK_LT(1, 2);
  BLASX_CHECK_LE(2, 2);
  BLASX_CHECK_GT(3, 2);
  BLASX_CHECK_GE(3, 3);
}

TEST(Check, NamesTheConditionAndThePlaceWithoutFolders) {
  const std::string text = message_of([] { BLASX_CHECK(1 > 2); });
  EXPECT_EQ(text.rfind("check_test.cpp:", 0), 0U) << text;
  EXPECT_NE(text.find("check failed: 1 > 2"), std::string::npos) << text;
}

TEST(Check, PrintsBothValues) {
  const int64_t tiles = 7;
  EXPECT_NE(message_of([&] { BLASX_CHECK_EQ(tiles, int64_t{8}); }).find("(7 vs 8)"),
            std::string::npos);
  EXPECT_NE(message_of([] { BLASX_CHECK_LT(2.5, 0.5); }).find("(2.5 vs 0.5)"), std::string::npos);
  EXPECT_NE(message_of([] { BLASX_CHECK_EQ(TestId(3), TestId(4)); }).find("(3 vs 4)"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              BLASX_CHECK_EQ(std::string("a"), std::string("b"));
            }).find("(\"a\" vs \"b\")"),
            std::string::npos);
  EXPECT_NE(message_of([] { BLASX_CHECK_EQ(true, false); }).find("(true vs false)"),
            std::string::npos);
}

TEST(Check, EvaluatesOnce) {
  int evaluated = 0;
  BLASX_CHECK_EQ(++evaluated, 1);
  EXPECT_EQ(evaluated, 1);
}

}  // namespace
}  // namespace blasx
