// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/counters.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace blasx::trace {
namespace {

CallRecord call_of(Routine routine, Type type, Place place, int64_t n, int64_t ns) {
  CallRecord record;
  record.call.routine = routine;
  record.call.type = type;
  record.call.m = record.call.n = record.call.k = n;
  record.place = place;
  record.start_ns = 1000;
  record.end_ns = 1000 + ns;
  return record;
}

TEST(Counters, SumByRoutineTypeAndPlace) {
  Counters counters;
  counters.add(call_of(Routine::Gemm, Type::D, Place::Host, 10, 500));
  counters.add(call_of(Routine::Gemm, Type::D, Place::CpuTiles, 100, 1000000));
  CallRecord record = call_of(Routine::Trsm, Type::Z, Place::Devices, 100, 2000000);
  record.traffic = {.home_to_device_bytes = 100,
                    .device_to_device_bytes = 20,
                    .device_to_home_bytes = 30,
                    .level1_hits = 4,
                    .level2_hits = 5,
                    .misses = 6};
  record.lower_bound_bytes = 90;
  counters.add(record);
  counters.add(record);

  const Counts counts = counters.snapshot();
  const RoutineCount& gemm = counts.at[0][1];
  EXPECT_EQ(gemm.all_calls(), 2);
  EXPECT_EQ(gemm.calls[0], 1);
  EXPECT_EQ(gemm.calls[1], 1);
  EXPECT_DOUBLE_EQ(gemm.operations, 2.0 * 1000 + 2.0 * 1000000);
  EXPECT_DOUBLE_EQ(gemm.seconds, 1000500e-9);
  const RoutineCount total = counts.total();
  EXPECT_EQ(total.all_calls(), 4);
  EXPECT_EQ(total.traffic.home_to_device_bytes, 200);
  EXPECT_EQ(total.traffic.device_to_device_bytes, 40);
  EXPECT_EQ(total.traffic.device_to_home_bytes, 60);
  EXPECT_EQ(total.traffic.level1_hits, 8);
  EXPECT_EQ(total.traffic.level2_hits, 10);
  EXPECT_EQ(total.traffic.misses, 12);
  EXPECT_DOUBLE_EQ(total.lower_bound_bytes, 180);

  counters.reset();
  EXPECT_EQ(counters.snapshot().total().all_calls(), 0);
}

TEST(Counters, LoseNothingBetweenThreads) {
  Counters counters;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        counters.add(call_of(Routine::Syrk, Type::S, Place::Host, 4, 10));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters.try_snapshot()->total().all_calls(), 80000);
}

TEST(Counters, RenewedOnesStartEmpty) {
  counters().add(call_of(Routine::Gemm, Type::S, Place::Host, 4, 10));
  EXPECT_EQ(counters().snapshot().total().all_calls(), 1);
  renew_counters();
  EXPECT_EQ(counters().snapshot().total().all_calls(), 0);
}

}  // namespace
}  // namespace blasx::trace
