// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/rate_curve.hpp"

#include <gtest/gtest.h>

#include "common/check.hpp"

namespace blasx::tile {
namespace {

TEST(RateCurve, IsStraightInTheLogarithm) {
  const RateCurve curve{{256, 100}, {1024, 300}};
  EXPECT_DOUBLE_EQ(rate_at(curve, 128), 50);
  EXPECT_DOUBLE_EQ(rate_at(curve, 256), 100);
  EXPECT_NEAR(rate_at(curve, 512), 200, 1e-9);  // half-way in the logarithm
  EXPECT_DOUBLE_EQ(rate_at(curve, 1024), 300);
  EXPECT_DOUBLE_EQ(rate_at(curve, 1e6), 300);
  EXPECT_THROW(rate_at({}, 1), InternalError);
}

}  // namespace
}  // namespace blasx::tile
