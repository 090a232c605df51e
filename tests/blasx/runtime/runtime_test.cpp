// SPDX-License-Identifier: Apache-2.0
// Calls from several threads at once, devices without enough memory, the processor standing in for lost ones, and a fork: the
// result is always the reference's.
#include "blasx/runtime/runtime.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/call_case.hpp"

namespace blasx::runtime {
namespace {

constexpr int64_t kTile = 16;
constexpr int64_t kSide = 3 * kTile + 5;
constexpr int64_t kPartialSums = 2 * (kSide / kTile + 1) + 2;

Options host_devices(int32_t count) {
  Options options;
  options.host_devices = count;
  options.cpu = false;
  options.cores = 2;
  options.tile = kTile;
  options.streams = 2;
  options.device_memory_bytes = 1 << 17;
  return options;
}

BlasCall shape_of(Routine routine) {
  BlasCall call;
  call.routine = routine;
  call.m = kSide;
  call.n = support::writes_triangle(routine) ? kSide : kSide - 7;
  call.k = support::has_inner_dimension(routine) ? kSide + 3 : 0;
  call.uplo = Uplo::Lower;
  call.alpha = 0.75;
  call.beta = -0.5;
  return call;
}

CallReport run_and_check(Runtime& runtime, Routine routine, Where where, uint64_t seed = 1) {
  support::CallCase<double> test(shape_of(routine), 2, seed);
  const Result<CallReport> report = runtime.run(test.call, where);
  EXPECT_TRUE(report);
  if (!report) return {};
  EXPECT_EQ(report->internal_error, "");
  test.check(kPartialSums);
  return *report;
}

int64_t tasks_of(const CallReport& report, const std::string& device) {
  int64_t tasks = 0;
  for (const DeviceShare& share : report.shares) tasks += share.name == device ? share.tasks : 0;
  return tasks;
}

TEST(Callers, OfDifferentRoutinesAtOnce) {
  Runtime runtime(host_devices(2));
  constexpr Routine kRoutines[] = {Routine::Gemm,  Routine::Gemmt, Routine::Symm, Routine::Syrk,
                                   Routine::Syr2k, Routine::Trmm,  Routine::Trsm, Routine::Gemm};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < std::size(kRoutines); ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < 6; ++i) {
        run_and_check(runtime, kRoutines[t], i % 3 == 2 ? Where::Cpu : Where::Devices, 10 * t + i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runtime.busy_until_ns(), 0);
  EXPECT_EQ(runtime.device_count(), 2);
}

TEST(Report, AccountsForEveryTask) {
  Runtime runtime(host_devices(2));
  for (const Routine routine : {Routine::Gemm, Routine::Syrk, Routine::Trsm}) {
    const CallReport report = run_and_check(runtime, routine, Where::Devices);
    int64_t tasks = 0;
    double operations = 0;
    for (const DeviceShare& share : report.shares) {
      tasks += share.tasks;
      operations += share.operations;
      EXPECT_EQ(share.at_home, share.name.find("host:") != 0) << share.name;
      EXPECT_FALSE(share.lost);
    }
    EXPECT_EQ(tasks, report.tasks);
    EXPECT_DOUBLE_EQ(operations, operation_count(shape_of(routine)));
    EXPECT_EQ(report.finished_here, 0);
    EXPECT_EQ(report.shape.m, kTile);
    EXPECT_GT(report.elapsed_ns, 0);
    EXPECT_GT(report.traffic.misses, 0);
    EXPECT_GT(report.traffic.device_to_home_bytes, 0);
    int64_t in = 0, across = 0, out = 0;
    for (const LinkUse& link : report.links)
      (link.from == "home" ? in : link.to == "home" ? out : across) += link.bytes;
    EXPECT_EQ(in, report.traffic.home_to_device_bytes);
    EXPECT_EQ(across, report.traffic.device_to_device_bytes);
    EXPECT_EQ(out, report.traffic.device_to_home_bytes);
  }
}

TEST(Report, NothingMovesOnTheProcessor) {
  Runtime runtime(host_devices(2));
  const CallReport report = run_and_check(runtime, Routine::Gemm, Where::Cpu);
  EXPECT_EQ(report.traffic.home_to_device_bytes, 0);
  EXPECT_EQ(report.traffic.device_to_home_bytes, 0);
  ASSERT_EQ(report.shares.size(), 1u);
  EXPECT_TRUE(report.shares[0].at_home);
  EXPECT_EQ(report.shares[0].tasks, report.tasks);
}

TEST(Memory, ThatIsRefusedLeavesTheDeviceOut) {
  Options options = host_devices(1);
  options.device_memory_bytes = 1000;  // under the least that an arena may have
  Runtime runtime(options);
  const CallReport report = run_and_check(runtime, Routine::Gemm, Where::Devices);
  EXPECT_EQ(runtime.device_count(), 0);
  EXPECT_EQ(tasks_of(report, "host:0"), 0);
  EXPECT_EQ(report.finished_here, 0) << "the processor stands in";
}

TEST(Memory, ThatHoldsNoTileOfTheSizeAskedGetsASmallerOne) {
  Options options = host_devices(2);
  options.tile = 4096;
  options.device_memory_bytes = 1 << 16;
  Runtime runtime(options);
  BlasCall call = shape_of(Routine::Gemm);
  call.m = call.n = call.k = 150;
  support::CallCase<double> test(call, 1, 3);
  const Result<CallReport> report = runtime.run(test.call, Where::Devices);
  ASSERT_TRUE(report);
  EXPECT_LT(report->shape.m, 150);
  EXPECT_GT(tasks_of(*report, "host:0") + tasks_of(*report, "host:1"), 0);
  test.check(2 * 150 / 8 + 2);
}

TEST(Devices, AllLostAreStoodInForByTheProcessorFromThenOn) {
  Options options = host_devices(2);
  options.fail = {{.at = 3}, {.at = 4}};
  Runtime runtime(options);
  const CallReport first = run_and_check(runtime, Routine::Trsm, Where::Devices);
  EXPECT_TRUE(first.shares[0].lost && first.shares[1].lost);
  EXPECT_EQ(runtime.device_count(), 0);
  const CallReport second = run_and_check(runtime, Routine::Trmm, Where::Devices);
  ASSERT_EQ(second.shares.size(), 1u);
  EXPECT_TRUE(second.shares[0].at_home);
  EXPECT_EQ(runtime.devices().size(), 3u) << "lost ones stay listed";
}

// Threads do not come along into a child, but nothing of a runtime that is idle may keep it from ending.
TEST(Fork, AnIdleRuntimeDoesNotHoldAChild) {
  Runtime runtime(host_devices(2));
  run_and_check(runtime, Routine::Gemm, Where::Devices);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(runtime.device_count() == 2 && runtime.busy_until_ns() == 0 ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  run_and_check(runtime, Routine::Gemm, Where::Devices);
}

}  // namespace
}  // namespace blasx::runtime
