// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/study/statistics.hpp"

#include <gtest/gtest.h>

namespace {

using isgd::Along;
using isgd::Curve;

const Curve kCurve{
    {0, 0, 2.3, 0.1}, {10, 1.5, 1.0, 0.6}, {20, 3.0, 0.7, 0.55}, {30, 4.5, 0.5, 0.8}};

TEST(Statistics, MomentsAlongACurve) {
  EXPECT_EQ(moment_at(kCurve, Along::Gradients, 20).accuracy, 0.55);
  EXPECT_EQ(moment_at(kCurve, Along::Gradients, 29).accuracy, 0.55);
  EXPECT_EQ(moment_at(kCurve, Along::Seconds, 1.6).accuracy, 0.6);
  EXPECT_EQ(moment_at(kCurve, Along::Seconds, -1).accuracy, 0.1);
  EXPECT_EQ(reached(kCurve, Along::Gradients, 0.58), 10);
  EXPECT_EQ(reached(kCurve, Along::Seconds, 0.7), 4.5);
  EXPECT_FALSE(reached(kCurve, Along::Seconds, 0.9));
}

TEST(Statistics, MedianAndQuartiles) {
  const isgd::Spread five = isgd::spread({5, 1, 4, 2, 3});
  EXPECT_EQ(five.low, 2);
  EXPECT_EQ(five.median, 3);
  EXPECT_EQ(five.high, 4);
  const isgd::Spread two = isgd::spread({1, 2});
  EXPECT_EQ(two.median, 1.5);
  EXPECT_EQ(isgd::spread({}).median, 0);
  EXPECT_EQ(isgd::text(five, 1), "3.0 (2.0 .. 4.0)");
}

}  // namespace
