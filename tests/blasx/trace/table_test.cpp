// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "blasx/trace/counters.hpp"

namespace blasx::trace {
namespace {

RoutineCount count_of(int64_t host, int64_t cpu, double operations, double seconds) {
  RoutineCount count;
  count.calls[0] = host;
  count.calls[1] = cpu;
  count.operations = operations;
  count.seconds = seconds;
  return count;
}

TEST(Table, AlignsAndAddsUp) {
  Counts counts;
  counts.at[static_cast<int>(Routine::Gemm)][static_cast<int>(Type::D)] =
      count_of(100, 2, 3e9, 0.5);
  counts.at[static_cast<int>(Routine::Trsm)][static_cast<int>(Type::S)] = count_of(0, 1, 1e9, 0.5);
  EXPECT_EQ(counts_table(counts, "title"),
            "title\n"
            "routine  calls  on host  cpu tiles  operations  seconds  GFLOP/s\n"
            "dgemm      102      100          2         3 G   0.5000     6.00\n"
            "strsm        1        0          1         1 G   0.5000     2.00\n"
            "total      103      100          3         4 G   1.0000     4.00\n");
}

TEST(Table, ShowsTrafficOnlyWhereThereIsSome) {
  Counts counts;
  RoutineCount& count = counts.at[0][0];
  count = count_of(0, 0, 1e9, 0);
  count.calls[2] = 3;
  count.traffic = {.home_to_device_bytes = 1 << 20,
                   .device_to_device_bytes = 2048,
                   .device_to_home_bytes = 512,
                   .level1_hits = 7,
                   .level2_hits = 8,
                   .misses = 9};
  count.lower_bound_bytes = 524288;
  EXPECT_EQ(counts_table(counts, "t"),
            "t\n"
            "routine  calls  on host  cpu tiles  devices  operations  seconds  GFLOP/s  to device  "
            "dev-dev  to host    least  L1 hits  L2 hits  misses\n"
            "sgemm        3        0          0        3         1 G   0.0000        -      1 MiB  "
            "  2 KiB    512 B  512 KiB        7        8       9\n"
            "total        3        0          0        3         1 G   0.0000        -      1 MiB  "
            "  2 KiB    512 B  512 KiB        7        8       9\n");
}

}  // namespace
}  // namespace blasx::trace
