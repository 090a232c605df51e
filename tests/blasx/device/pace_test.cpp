// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/host/pace.hpp"

#include <gtest/gtest.h>

#include <random>

namespace blasx::device {
namespace {

TEST(PaceTest, WhatSleepsLoseIsMadeUp) {
  Pace pace;
  int64_t now = 0;
  for (int i = 0; i < 10; ++i) {
    now += pace.rest_ns(now, 100, now) + 30;
    pace.woke(now);
  }
  EXPECT_EQ(now, 1030);
}

TEST(PaceTest, SlowWorkIsNoCredit) {
  Pace pace;
  EXPECT_EQ(pace.rest_ns(0, 100, 500), 0);
  EXPECT_EQ(pace.rest_ns(500, 100, 510), 90);
}

TEST(PaceTest, ALateSleepIsMadeUpByAsMuchAsFits) {
  Pace pace;
  EXPECT_EQ(pace.rest_ns(0, 100, 0), 100);
  pace.woke(170);
  EXPECT_EQ(pace.rest_ns(170, 20, 175), 0);    // 5 of 20 were used: 15 made up
  EXPECT_EQ(pace.rest_ns(175, 100, 175), 45);  // the other 55
  pace.woke(220);
  EXPECT_EQ(pace.rest_ns(220, 100, 220), 100);
}

TEST(PaceTest, TheRateIsNeverPassed) {
  std::mt19937 random(7);
  Pace pace;
  int64_t now = 0;
  int64_t busy = 0;
  int64_t wanted = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += static_cast<int64_t>(random() % 50);  // idle
    const int64_t start = now;
    const auto lasts = static_cast<int64_t>(random() % 200);
    now += static_cast<int64_t>(random() % 150);  // work
    const int64_t rest = pace.rest_ns(start, lasts, now);
    if (rest > 0) {
      now += rest + static_cast<int64_t>(random() % 100);
      pace.woke(now);
    }
    busy += now - start;
    wanted += lasts;
    ASSERT_GE(busy, wanted) << i;
  }
}

}  // namespace
}  // namespace blasx::device
