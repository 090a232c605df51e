// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/module.hpp"

#include <gtest/gtest.h>

namespace blasx::device {
namespace {

TEST(Module, ThatIsNotThereSaysSo) {
  EXPECT_EQ(find_module("libnone.so"), "");
  const auto module = open_module("libnone.so");
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code(), StatusCode::NotFound);
  EXPECT_EQ(module.error().message(), "libnone.so is not beside the library");
}

// A path is taken as it is.
TEST(Module, IsLookedForBesideTheProgramAndAbove) {
  EXPECT_NE(find_module("device_test"), "");
  EXPECT_EQ(find_module("./device_test_of_nobody"), "");
}

TEST(Module, MustBeALibraryAndOneOfOurs) {
  const auto no_library = open_module("device_test");
  ASSERT_FALSE(no_library);
  EXPECT_EQ(no_library.error().code(), StatusCode::Unavailable);
  const auto another = open_module(BLASX_TEST_OTHER_LIBRARY);
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().code(), StatusCode::Unsupported);
}

}  // namespace
}  // namespace blasx::device
