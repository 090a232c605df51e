// SPDX-License-Identifier: Apache-2.0
// A device fails at its k-th operation, for every k of a call and every family: the result is right all the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include "blasx/hostblas/kernels.hpp"
#include "blasx/runtime/runtime.hpp"

namespace blasx::runtime {
namespace {

constexpr int64_t kSide = 40;
constexpr int64_t kTile = 16;

struct Problem {
  explicit Problem(BlasCall shape) : call(shape) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> value(-1, 1);
    for (auto* m : {&a, &b, &c}) {
      m->resize(kSide * kSide);
      for (auto& x : *m) x = {value(random), value(random)};
    }
    // Far from singular, so that trsm compares well.
    for (int64_t i = 0; i < kSide; ++i) a[static_cast<size_t>(i * (kSide + 1))] += 8.0;
    call.lda = call.ldb = call.ldc = kSide;
    call.a = a.data();
    call.b = b.data();
    call.c = c.data();
  }
  BlasCall call;
  std::vector<std::complex<double>> a, b, c;
};

BlasCall shape_of(Routine routine) {
  BlasCall call;
  call.routine = routine;
  call.type = Type::Z;
  call.m = call.n = kSide;
  const bool inner = routine != Routine::Symm && routine != Routine::Hemm &&
                     routine != Routine::Trmm && routine != Routine::Trsm;
  call.k = inner ? kSide : 0;
  call.uplo = Uplo::Lower;
  call.alpha = {0.5, 0.25};
  call.beta = {-1.0, 0.5};
  if (routine == Routine::Herk) call.alpha = 0.5;
  if (routine == Routine::Herk || routine == Routine::Her2k) call.beta = -1.0;
  return call;
}

Options two_small_devices() {
  Options options;
  options.host_devices = 2;
  options.cpu = false;
  options.cores = 2;
  options.tile = kTile;
  options.streams = 2;
  options.device_memory_bytes = 24 * kTile * (kTile + 8) * 16;
  options.fail.resize(2);
  return options;
}

double difference(const Problem& got, const Problem& want) {
  double most = 0;
  for (size_t i = 0; i < got.c.size(); ++i) most = std::max(most, std::abs(got.c[i] - want.c[i]));
  return most;
}

class Fault : public testing::TestWithParam<Routine> {
 protected:
  // Runs the call with device 0 (and 1, if both) failing as told; returns the worst difference from the host's result.
  double run(const device::FailPlan& plan, bool both, CallReport* report) {
    Options options = two_small_devices();
    options.fail[0] = plan;
    if (both) options.fail[1] = plan;
    Runtime runtime(options);
    Problem got(shape_of(GetParam()));
    const auto ran = runtime.run(got.call, Where::Devices);
    EXPECT_TRUE(ran) << ran.status().to_string();
    if (!ran) return HUGE_VAL;
    *report = *ran;
    EXPECT_EQ(report->internal_error, "");
    EXPECT_EQ(report->finished_here, 0) << "the processor stands in as a device";
    Problem want(shape_of(GetParam()));
    hostblas::run_call(want.call);
    return difference(got, want);
  }
  // More than any device runs in one call of these sizes.
  static constexpr int64_t kMostOperations = 120;
  static constexpr double kBound =
      1e-12;  // about n * eps * sums of at most 40 products of numbers under 10
};

TEST_P(Fault, OneDeviceIsLostAtAnyOperation) {
  // How many of the call's operations the device gets depends on how busy the machine is: a few runs in a row in which it was
  // not lost say that the call needs fewer than that.
  int lost = 0, in_a_row = 0;
  for (int64_t k = 0; k < kMostOperations && in_a_row < 5; ++k) {
    CallReport report;
    ASSERT_LE(run({.at = k}, false, &report), kBound) << "lost at operation " << k;
    lost += report.shares[0].lost ? 1 : 0;
    in_a_row = report.shares[0].lost ? 0 : in_a_row + 1;
  }
  EXPECT_GT(lost, 2);
}

TEST_P(Fault, OneOperationFailsAndIsTriedAgain) {
  for (int64_t k = 0; k < kMostOperations; k += 3) {
    CallReport report;
    ASSERT_LE(run({.at = k, .device_lost = false}, false, &report), kBound) << "failed at " << k;
  }
}

TEST_P(Fault, AllDevicesAreLostAtAnyOperation) {
  for (int64_t k = 0; k < kMostOperations; ++k) {
    CallReport report;
    ASSERT_LE(run({.at = k}, true, &report), kBound) << "lost at operation " << k;
    if (!report.shares[0].lost && !report.shares[1].lost) break;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryFamily, Fault,
                         testing::Values(Routine::Gemm, Routine::Gemmt, Routine::Symm,
                                         Routine::Hemm, Routine::Syrk, Routine::Herk,
                                         Routine::Syr2k, Routine::Her2k, Routine::Trmm,
                                         Routine::Trsm),
                         [](const auto& family) { return routine_name(family.param); });

TEST(LostDevices, StayOutOfLaterCalls) {
  Options options = two_small_devices();
  options.fail[0] = {.at = 5};
  Runtime runtime(options);
  EXPECT_EQ(runtime.device_count(), 2);
  Problem first(shape_of(Routine::Gemm));
  ASSERT_TRUE(runtime.run(first.call, Where::Devices));
  EXPECT_EQ(runtime.device_count(), 1);
  Problem second(shape_of(Routine::Gemm));
  const auto report = runtime.run(second.call, Where::Devices);
  ASSERT_TRUE(report);
  for (const DeviceShare& share : report->shares) EXPECT_NE(share.name, "host:0");
}

}  // namespace
}  // namespace blasx::runtime
