// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/predict.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace blasx::offload {
namespace {

BlasCall square(Routine r, int64_t n) {
  BlasCall call;
  call.routine = r, call.m = n, call.n = n;
  call.k = r == Routine::Trsm || r == Routine::Symm ? 0 : n;
  return call;
}

TEST(LeastBytes, EveryOperandOnceWhenAllFits) {
  BlasCall gemm = square(Routine::Gemm, 1000);
  EXPECT_EQ(least_bytes(gemm, 0), 3 * 8e6) << "beta == 0 does not fetch C";
  gemm.beta = 1.0;
  EXPECT_EQ(least_bytes(gemm, 1e12), 4 * 8e6);
  EXPECT_EQ(least_bytes(square(Routine::Trsm, 1000), 0), 8 * (5e5 + 2e6));
}

TEST(LeastBytes, OneMatrixInBothRolesIsReadOnce) {
  const double matrix[1] = {};
  BlasCall gemm = square(Routine::Gemm, 1000);
  gemm.a = gemm.b = matrix;
  EXPECT_EQ(least_bytes(gemm, 0), 2 * 8e6);
  BlasCall rank2 = square(Routine::Syr2k, 1000);
  rank2.a = rank2.b = matrix;
  EXPECT_EQ(least_bytes(rank2, 0), 1.5 * 8e6);
}

TEST(LeastBytes, ProductsThatDoNotFitMoveMore) {
  const BlasCall gemm = square(Routine::Gemm, 10000);
  const double words = 1e6;
  EXPECT_DOUBLE_EQ(least_bytes(gemm, 8 * words), 8 * (2 * 1e12 / 1e3 + 1e8));
  EXPECT_GT(least_bytes(gemm, 8e6), least_bytes(gemm, 32e6));
  EXPECT_GE(least_bytes(gemm, 2e9), 3 * 8e8);
}

TEST(Predict, TheMachineSetsEachChoice) {
  const BlasCall gemm = square(Routine::Gemm, 1000);  // 2e9 operations
  Machine machine{.cores = 4,
                  .devices = 1,
                  .device_rate = 1e12,
                  .link_rate = 1e9,
                  .call_overhead_s = 0.5,
                  .device_overhead_s = 0.25};
  const Prediction p = predict(gemm, {1e9, 2e9}, machine, 0);
  EXPECT_DOUBLE_EQ(p.seconds[static_cast<int>(Where::Host)], 2);
  EXPECT_DOUBLE_EQ(p.seconds[static_cast<int>(Where::Cpu)], 1.5);
  EXPECT_DOUBLE_EQ(p.seconds[static_cast<int>(Where::Devices)], 0.25 + 24e6 / 1e9) << "the link";
  machine.link_rate = 0;
  EXPECT_DOUBLE_EQ(predict(gemm, {1e9, 2e9}, machine, 0).seconds[2], 0.25 + 2e-3) << "the kernels";
}

TEST(Predict, WaitingDelaysTilesAndBusyCoresSlowTheHost) {
  const BlasCall gemm = square(Routine::Gemm, 1000);
  const Machine machine{.cores = 4};
  const Prediction p = predict(gemm, {1e9, 2e9}, machine, 3);
  EXPECT_DOUBLE_EQ(p.seconds[0], 8);
  EXPECT_DOUBLE_EQ(p.seconds[1], 4);
  EXPECT_EQ(p.wait_seconds, 3);
}

TEST(Predict, AnUnknownRateIsNoChoice) {
  const Prediction p = predict(square(Routine::Gemm, 100), {1e9, 0}, {}, 0);
  EXPECT_EQ(p.seconds[1], 0);
  EXPECT_EQ(p.seconds[2], 0);
  EXPECT_EQ(fastest(p), Where::Host);
}

TEST(Predict, ATrsmWithFewRightHandSidesHasNoTiles) {
  BlasCall thin = square(Routine::Trsm, 5000);
  thin.n = 100;
  const Machine machine{.cores = 2};
  EXPECT_EQ(predict(thin, {1e9, 2e9}, machine, 0).seconds[1], 0);
  thin.side = Side::Right;  // then m counts
  EXPECT_GT(predict(thin, {1e9, 2e9}, machine, 0).seconds[1], 0);
}

TEST(Fastest, HostOnATieAndWithinTheNoise) {
  Prediction p;
  p.seconds[0] = 1, p.seconds[1] = 1;
  EXPECT_EQ(fastest(p), Where::Host);
  p.seconds[1] = 0.98;
  EXPECT_EQ(fastest(p), Where::Host);
  p.seconds[1] = 0.9;
  EXPECT_EQ(fastest(p), Where::Cpu);
  p.seconds[2] = 0.8;
  EXPECT_EQ(fastest(p), Where::Devices);
}

TEST(BreakEven, IsWherePredictionsCross) {
  const Machine machine{.cores = 1, .call_overhead_s = 1e-4};
  const Rates rates{80e9, 96e9};
  const double operations = break_even_operations(rates, machine);
  ASSERT_TRUE(std::isfinite(operations));
  // A cube of trsm with that many operations: just under it the host wins, just over it tiles do.
  for (const double factor : {0.9, 1.1}) {
    const BlasCall call = square(Routine::Trsm, std::llround(std::cbrt(operations * factor)));
    EXPECT_EQ(fastest(predict(call, rates, machine, 0)), factor < 1 ? Where::Host : Where::Cpu);
  }
  EXPECT_EQ(break_even_operations({80e9, 81e9}, machine), std::numeric_limits<double>::infinity());
  EXPECT_EQ(break_even_operations({80e9, 0}, machine), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace blasx::offload
