// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/plan/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "ooc_gemm/plan/order.hpp"

namespace {

using ooc_gemm::plan::lower_bound_bytes;
using ooc_gemm::plan::make_plan;
using ooc_gemm::plan::Plan;
using ooc_gemm::plan::plan_for_blocks;
using ooc_gemm::plan::predict;
using ooc_gemm::plan::Problem;
using ooc_gemm::plan::traffic;

int64_t moved(const Plan& plan) {
  const auto sum = traffic(plan);
  return sum.read_bytes + sum.written_bytes;
}

// Every block there is, with the deepest panels that fit it.
int64_t least_moved(const Problem& problem) {
  int64_t least = INT64_MAX;
  for (int64_t mc = 1; mc <= problem.m; ++mc) {
    for (int64_t nc = 1; nc <= problem.n; ++nc) {
      for (const bool by_columns : {false, true}) {
        const Plan plan = plan_for_blocks(problem, mc, nc, by_columns);
        if (plan.kc > 0) least = std::min(least, moved(plan));
      }
    }
  }
  return least;
}

TEST(PlanTest, FitsTheMemoryAndIsNearTheBest) {
  std::mt19937 random(11);
  const auto upto = [&](int64_t most) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(most)) + 1;
  };
  for (int round = 0; round < 300; ++round) {
    Problem problem{upto(40), upto(40), upto(40), 8, false, round % 2 == 0, 0};
    problem.memory_bytes =
        (5 + upto(2 * (problem.m * problem.n + problem.m * problem.k + problem.k * problem.n))) * 8;
    const auto plan = make_plan(problem);
    ASSERT_TRUE(plan.has_value()) << plan.status().to_string();
    EXPECT_LE(plan->buffer_bytes(), problem.memory_bytes);
    EXPECT_GE(static_cast<double>(moved(*plan)), lower_bound_bytes(problem) * (1 - 1e-12));
    // So small, panels can be no deeper than the search wants them: a little is lost against all there is.
    EXPECT_LE(static_cast<double>(moved(*plan)), 1.15 * static_cast<double>(least_moved(problem)))
        << problem.m << " x " << problem.n << " x " << problem.k << " in " << problem.memory_bytes;
  }
}

TEST(PlanTest, TheBoundIsBelowASchedulePutDownByHand) {
  // Eight rows of A at a time stay (64 words); each column of B (8 words) passes once for each of them, and what it gives (1 word at a
  // time) is written and never read.
  const Problem problem{64, 64, 8, 8, false, false, int64_t{64 + 8 + 1} * 8};
  const int64_t words = 64 * 8 + 8 * (8 * 64) + 64 * 64;
  EXPECT_LE(lower_bound_bytes(problem), static_cast<double>(words * 8));
}

TEST(PlanTest, EverythingFitsIsReadOnce) {
  const Problem problem{1000, 900, 800, 8, false, false, int64_t{1} << 30};
  const auto plan = make_plan(problem);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->blocks(), 1);
  EXPECT_EQ(moved(*plan), (1000 * 800 + 800 * 900 + 1000 * 900) * 8);
  EXPECT_DOUBLE_EQ(lower_bound_bytes(problem), static_cast<double>(moved(*plan)));
}

TEST(PlanTest, ThinPanelsAreReadOnceForARowOfBlocks) {
  // One panel is all of the depth: blocks of a row share A.
  const Problem problem{100000, 100000, 64, 8, false, false, int64_t{512} << 20};
  const auto plan = make_plan(problem);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->panels(), 1);
  EXPECT_LE(static_cast<double>(moved(*plan)), 1.02 * lower_bound_bytes(problem));
}

TEST(PlanTest, OfWhatReadsTheSameTheLargestProducts) {
  // Read once is all either way: with four blocks of whole depth, too, whose products are smaller.
  const Problem problem{3072, 3072, 3072, 8, false, false, int64_t{200} << 20};
  const auto plan = make_plan(problem);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->blocks(), 1);
  EXPECT_EQ(plan->kc, 1024);
  EXPECT_EQ(moved(*plan), 3 * 3072 * 3072 * 8);
}

TEST(PlanTest, TheMeasuredProblem) {
  const Problem problem{8192, 8192, 8192, 8, false, false, int64_t{192} << 20};
  const auto plan = make_plan(problem);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->mc, 4096);
  EXPECT_EQ(plan->nc, 4096);
  EXPECT_EQ(plan->kc, 512);
  EXPECT_EQ(plan->buffer_bytes(), problem.memory_bytes);
  // Each operand twice, less the two panels that three changes of block share.
  EXPECT_EQ(traffic(*plan).read_bytes, (int64_t{2048} << 20) - 3 * (int64_t{32} << 20));
}

// Lines of A run along the depth: twice as deep, they are read in half as many requests.
TEST(PlanTest, ShortLinesAreMadeLonger) {
  Problem problem{8192, 8192, 8192, 8, false, false, int64_t{192} << 20};
  const auto plain = make_plan(problem);
  problem.a_lines = {true, 64};
  const auto a = make_plan(problem);
  ASSERT_TRUE(plain.has_value() && a.has_value());
  EXPECT_EQ(a->kc, 320);
  EXPECT_EQ(a->a_products, 2);
  EXPECT_EQ(a->b_products, 1);
  EXPECT_EQ(a->panels(), 26);
  EXPECT_EQ(a->buffer_bytes(), problem.memory_bytes);
  std::swap(problem.a_lines, problem.b_lines);
  const auto b = make_plan(problem);
  ASSERT_TRUE(b.has_value());
  EXPECT_EQ(b->b_products, 2);
  EXPECT_EQ(b->a_products, 1);
  EXPECT_EQ(moved(*b), moved(*a)) << "the same, turned";
  problem.a_lines = problem.b_lines;
  const auto both = make_plan(problem);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->kc, 448) << "room for the spare part of all lines";
  EXPECT_EQ(both->a_products * both->b_products, 1);
  problem.memory_bytes = int64_t{1} << 30;
  EXPECT_FALSE(make_plan(problem)->has_spare) << "they are long";
}

TEST(PlanTest, LongerLinesFitTheMemoryAndReadNoMore) {
  std::mt19937 random(12);
  const auto upto = [&](int64_t most) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(most)) + 1;
  };
  int longer = 0;
  for (int round = 0; round < 100; ++round) {
    Problem problem{upto(9000), upto(9000), upto(9000), 4 << random() % 3, false, false, 0};
    problem.memory_bytes = upto(int64_t{1} << 28);
    const auto plain = make_plan(problem);
    problem.a_lines = {random() % 2 == 0, upto(128)};
    problem.b_lines = {random() % 2 == 0, upto(128)};
    const auto plan = make_plan(problem);
    ASSERT_EQ(plain.has_value(), plan.has_value());
    if (!plan) continue;
    EXPECT_LE(plan->buffer_bytes(), problem.memory_bytes);
    EXPECT_LE(static_cast<double>(moved(*plan)), 1.02 * static_cast<double>(moved(*plain)));
    if (!plan->has_spare) continue;
    ++longer;
    EXPECT_GE(plan->kc, 256);
    EXPECT_EQ(plan->kc * problem.element_bytes % 512, 0) << "whole sectors";
  }
  EXPECT_GT(longer, 10);
}

TEST(PlanTest, NothingToMultiplyStillWritesC) {
  const auto plan = make_plan({100, 50, 0, 8, false, true, 4096});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->panels(), 1);
  EXPECT_EQ(traffic(*plan).read_bytes, 100 * 50 * 8);
  EXPECT_EQ(traffic(*plan).written_bytes, 100 * 50 * 8);
  const auto empty = make_plan({0, 50, 10, 8, false, false, 4096});
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(moved(*empty), 0);
}

TEST(PlanTest, TooLittleMemoryIsRefused) {
  EXPECT_TRUE(make_plan({10, 10, 10, 8, false, false, 40}).has_value());
  const auto refused = make_plan({10, 10, 10, 8, false, false, 39});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message().find("39 bytes"), std::string::npos);
}

TEST(PlanTest, SidesFitAnInt) {
  const int64_t large = 5'000'000'000;
  for (const Problem& problem : {Problem{1, large, 1, 8, false, false, int64_t{1} << 50},
                                 Problem{large, 1, 1, 8, false, false, int64_t{1} << 50},
                                 Problem{1, 1, large, 8, false, false, int64_t{1} << 50}}) {
    const auto plan = make_plan(problem);
    ASSERT_TRUE(plan.has_value());
    for (const int64_t side : {plan->mc, plan->nc, plan->kc}) EXPECT_LE(side, INT32_MAX);
  }
}

TEST(PlanTest, PredictionNamesTheBound) {
  const auto plan = make_plan({4096, 4096, 4096, 8, false, false, int64_t{64} << 20});
  ASSERT_TRUE(plan.has_value());
  const auto slow_disk = predict(*plan, {1e12, 1e7});
  EXPECT_TRUE(slow_disk.storage_bound());
  EXPECT_DOUBLE_EQ(slow_disk.total_s, static_cast<double>(moved(*plan)) / 1e7);
  const auto slow_arithmetic = predict(*plan, {1e9, 1e10});
  EXPECT_FALSE(slow_arithmetic.storage_bound());
  EXPECT_NEAR(slow_arithmetic.total_s, 2 * 4096.0 * 4096 * 4096 / 1e9, 1);
}

}  // namespace
