// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blasx::bench {
namespace {

TEST(Statistics, MedianOfOddEvenAndNone) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_TRUE(std::isnan(median({})));
}

TEST(Statistics, GeometricMeanOfRatiosIsBlindToWhichSideIsOne) {
  const double there[] = {2.0, 0.5, 1.0};
  EXPECT_DOUBLE_EQ(geometric_mean(there), 1.0);
  EXPECT_TRUE(std::isnan(geometric_mean({})));
}

TEST(Statistics, SpreadIsTheMiddleHalf) {
  EXPECT_DOUBLE_EQ(spread({1, 2, 3, 4, 5}), 2.0 / 3.0);
  EXPECT_EQ(spread({7, 7, 7}), 0);
}

TEST(Statistics, ErrorOfTheMedianShrinksWithTheRoot) {
  std::vector<double> few, many;
  for (int i = -50; i <= 50; ++i) few.push_back(10 + i / 50.0);
  for (int copy = 0; copy < 4; ++copy) many.insert(many.end(), few.begin(), few.end());
  EXPECT_NEAR(median_error(few), 1.2533 / 1.349 / std::sqrt(101.0), 1e-3);
  EXPECT_NEAR(median_error(many), median_error(few) / 2, 1e-3);
  EXPECT_EQ(median_error({7, 7, 7}), 0);
}

TEST(Statistics, RatiosAreTakenPairByPair) {
  // The machine is twice as slow in the second attempt; each pair still says 1.25.
  const Attempt attempts[] = {{4, 5, true}, {8, 10, true}, {4, 5, true}};
  const Summary summary = summarise(attempts);
  EXPECT_DOUBLE_EQ(summary.ratio, 1.25);
  EXPECT_DOUBLE_EQ(summary.difference_s, -1);
  EXPECT_EQ(summary.thrown, 0);
}

TEST(Statistics, AttemptsWithABadProbeDoNotCount) {
  const Attempt attempts[] = {{1, 100, false}, {4, 4, true}, {1, 100, false}};
  const Summary summary = summarise(attempts);
  EXPECT_EQ(summary.thrown, 2);
  EXPECT_EQ(summary.ours_s, std::vector<double>{4});
  EXPECT_EQ(summary.peer_s, std::vector<double>{4});
  EXPECT_DOUBLE_EQ(summary.ratio, 1);
}

TEST(Statistics, NothingKeptIsNotANumber) {
  const Attempt attempts[] = {{1, 1, false}};
  EXPECT_TRUE(std::isnan(summarise(attempts).ratio));
}

}  // namespace
}  // namespace blasx::bench
