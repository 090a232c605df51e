// SPDX-License-Identifier: Apache-2.0
// Measuring against a clock that the test turns.
#include "blasx/offload/measure.hpp"

#include <gtest/gtest.h>

namespace blasx::offload {
namespace {

TEST(Measure, TakesTheBestOfRunsInTurns) {
  double now = 0;
  int calls[2] = {};
  std::string order;
  const double host_times[kMeasuredTimes] = {9, 2, 5, 3, 4},
               tile_times[kMeasuredTimes] = {4, 8, 6, 7, 1};
  const auto rates = measure(
      Routine::Trsm, Type::D,
      [&](const BlasCall&) {
        now += host_times[calls[0]++], order += 'h';
        return true;
      },
      [&](const BlasCall&) {
        now += tile_times[calls[1]++], order += 't';
        return true;
      },
      [&] { return now; });
  ASSERT_TRUE(rates.has_value());
  const double operations = measuring_operations(Routine::Trsm, Type::D) / (2 * kMeasuredTimes);
  EXPECT_DOUBLE_EQ(rates->host, operations / 2);
  EXPECT_DOUBLE_EQ(rates->cpu, operations / 1);
  EXPECT_EQ(order, "hththththt");
}

TEST(Measure, EveryRunStartsFromTheSameNumbers) {
  std::vector<double> firsts;
  double now = 0;
  const Runner spoil = [&](const BlasCall& call) {
    double* c = static_cast<double*>(call.c);
    firsts.push_back(c[1]);
    c[1] = -1e300;
    now += 1;
    return true;
  };
  ASSERT_TRUE(measure(Routine::Gemm, Type::D, spoil, spoil, [&] { return now; }).has_value());
  for (const double x : firsts) EXPECT_EQ(x, firsts[0]);
}

TEST(Measure, FailsWithItsRunner) {
  const Runner fine = [](const BlasCall&) { return true; };
  const Runner broken = [](const BlasCall&) { return false; };
  double now = 0;
  const Clock clock = [&] { return now += 1; };
  EXPECT_FALSE(measure(Routine::Gemm, Type::Z, fine, broken, clock).has_value());
  EXPECT_FALSE(measure(Routine::Gemm, Type::S, broken, fine, clock).has_value());
  EXPECT_FALSE(measure(Routine::Gemm, Type::S, fine, fine, [] { return 1.0; }).has_value())
      << "a clock that stands still";
}

}  // namespace
}  // namespace blasx::offload
