// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/end_game.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace blasx::schedule {
namespace {

// Tasks of two sizes, one four times the other, on a fast device and one that takes twice as long.
const Worker kFast{0, {40, 10}};
const Worker kSlow{0, {80, 20}};

Worker busy(Worker w, double free_ns) {
  w.free_ns = free_ns;
  return w;
}

TEST(EndGame, LargeTasksGoFirst) {
  const std::vector<int32_t> left{1, 2};
  const ListSchedule plan = list_schedule({kFast, kSlow}, left);
  EXPECT_EQ(plan.end_ns, 40);
  EXPECT_EQ(plan.given, (std::vector<int32_t>{1, 2}));
}

TEST(EndGame, TakesWhatItWantsIfThatCostsNothing) {
  EXPECT_EQ(size_to_begin({kFast, kSlow}, 0, {1, 2}, 0), 0);
  EXPECT_EQ(size_to_begin({kFast, kSlow}, 1, {1, 2}, 1), 1);
  // Enough of both is left: the small one first is as good.
  EXPECT_EQ(size_to_begin({kFast, kSlow}, 0, {8, 20}, 1), 1);
}

TEST(EndGame, LeavesTheLargeTaskToWhoEndsItSooner) {
  EXPECT_EQ(size_to_begin({busy(kFast, 10), kSlow}, 1, {1, 2}, 0), 1);
}

TEST(EndGame, TakesTheLargeTaskBeforeItIsTheLast) {
  EXPECT_EQ(size_to_begin({kFast, kSlow}, 0, {1, 2}, 1), 0);
}

TEST(EndGame, LeavesAllToOthersThatEndThemSooner) {
  EXPECT_EQ(size_to_begin({kFast, busy(kSlow, 5)}, 1, {0, 1}, 1), std::nullopt);
  EXPECT_EQ(size_to_begin({busy(kFast, 15), kSlow}, 1, {0, 1}, 1), 1);
}

TEST(EndGame, WhoCannotWorkGetsNothing) {
  const double never = std::numeric_limits<double>::infinity();
  const std::vector<int32_t> left{1, 2};
  const ListSchedule plan = list_schedule({{0, {never, never}}, kSlow}, left);
  EXPECT_EQ(plan.end_ns, 120);
  EXPECT_EQ(plan.given, (std::vector<int32_t>{0, 3}));
}

}  // namespace
}  // namespace blasx::schedule
