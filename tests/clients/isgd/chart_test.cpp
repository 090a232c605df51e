// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/chart.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace {

using isgd::Chart;

TEST(Chart, LimitIsMeanAndThreeDeviationsOfTheLastN) {
  Chart chart(4);
  for (const double loss : {100.0, 1.0, 2.0, 3.0, 4.0}) chart.push(loss);
  EXPECT_DOUBLE_EQ(chart.mean(), 2.5);
  EXPECT_DOUBLE_EQ(chart.deviation(), std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(chart.limit(), 2.5 + 3 * std::sqrt(1.25));
  EXPECT_EQ(chart.losses(), (std::vector<double>{1, 2, 3, 4}));
}

TEST(Chart, NothingTriggersWhileItIsNotFull) {
  Chart chart(100);
  for (int i = 0; i < 98; ++i) EXPECT_FALSE(chart.push(1));
  EXPECT_FALSE(chart.push(1000));  // the 99th
  EXPECT_FALSE(chart.full());
  EXPECT_TRUE(chart.push(10000));
  EXPECT_TRUE(chart.full());
}

TEST(Chart, EqualLossesNeverTrigger) {
  Chart chart(7);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(chart.push(0.1));
}

// P(x > m + 3 s) = 0.00135 for independent normal losses.
TEST(Chart, IndependentNormalLossesTriggerAtThreeSigma) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> loss(2.3, 0.4);
  Chart chart(400);
  constexpr int kLosses = 200'000;
  int triggered = 0;
  for (int i = 0; i < kLosses; ++i) triggered += chart.push(loss(random)) ? 1 : 0;
  const double rate = static_cast<double>(triggered) / kLosses;
  EXPECT_GT(rate, 0.00105);  // 210, 270 and 330 times
  EXPECT_LT(rate, 0.00165);
}

TEST(Chart, PlantedSixSigmaTriggers) {
  std::mt19937_64 random(9);
  std::normal_distribution<double> loss(2.3, 0.4);
  for (int trial = 0; trial < 100; ++trial) {
    Chart chart(100);
    for (int i = 0; i < 99; ++i) chart.push(loss(random));
    EXPECT_TRUE(chart.push(2.3 + 6 * 0.4)) << trial;
  }
}

// Ranks that are given the same losses decide alike, also one that resumed from a checkpoint.
TEST(Chart, ResumedDecidesAlike) {
  std::mt19937_64 random(11);
  std::exponential_distribution<double> loss(1);
  Chart one(50);
  for (int i = 0; i < 73; ++i) one.push(loss(random));
  Chart other(50);
  for (const double x : one.losses()) other.push(x);
  for (int i = 0; i < 500; ++i) {
    const double x = loss(random);
    EXPECT_EQ(one.push(x), other.push(x));
    EXPECT_EQ(one.limit(), other.limit());
  }
}

}  // namespace
