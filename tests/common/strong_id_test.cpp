// SPDX-License-Identifier: Apache-2.0
#include "common/strong_id.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace blasx {
namespace {

using Left = StrongId<struct LeftTag>;
using Right = StrongId<struct RightTag>;

static_assert(!std::is_convertible_v<int, Left>);
static_assert(!std::is_convertible_v<Left, Right>);
static_assert(sizeof(Left) == sizeof(int32_t));

TEST(StrongId, IsInvalidUntilNamed) {
  EXPECT_FALSE(Left().valid());
  EXPECT_TRUE(Left(0).valid());
  EXPECT_EQ(Left(5).index(), 5U);
}

TEST(StrongId, OrdersAndHashes) {
  EXPECT_LT(Left(1), Left(2));
  const std::unordered_set<Left> set{Left(1), Left(2), Left(1)};
  EXPECT_EQ(set.size(), 2U);
}

}  // namespace
}  // namespace blasx
