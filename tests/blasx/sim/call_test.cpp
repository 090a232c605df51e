// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/call.hpp"

#include <gtest/gtest.h>

#include "blasx/runtime/sim/bound.hpp"

namespace blasx::runtime::sim {
namespace {

CallText text(const char* routine, int64_t n) {
  CallText t;
  t.routine = routine;
  t.n = n;
  return t;
}

TEST(Call, NamesAndSizes) {
  const auto gemm = make_call(text("sgemm", 100));
  ASSERT_TRUE(gemm);
  EXPECT_EQ(gemm->routine, Routine::Gemm);
  EXPECT_EQ(gemm->type, Type::S);
  EXPECT_EQ(gemm->m, 100);
  EXPECT_EQ(gemm->k, 100);
  CallText wide = text("zher2k", 50);
  wide.m = 7;
  wide.k = 9;
  const auto her2k = make_call(wide);
  ASSERT_TRUE(her2k);
  EXPECT_EQ(her2k->routine, Routine::Her2k);
  EXPECT_EQ(her2k->m, 50);  // C is square
  EXPECT_EQ(her2k->k, 9);
}

TEST(Call, RefusesWhatIsNone) {
  for (const char* name : {"", "gemm", "dgem", "xgemm", "dpotrf"}) {
    EXPECT_FALSE(make_call(text(name, 10))) << name;
  }
  EXPECT_FALSE(make_call(text("dgemm", 0)));
  CallText call = text("dtrsm", 10);
  call.side = "top";
  EXPECT_FALSE(make_call(call));
  call = text("dtrsm", 10);
  call.uplo = "l";
  EXPECT_FALSE(make_call(call));
  call = text("dtrsm", 10);
  call.trans_a = "x";
  EXPECT_FALSE(make_call(call));
}

TEST(Bound, EveryOperandOnceOrMore) {
  const auto call = make_call(text("dgemm", 1000));
  ASSERT_TRUE(call);
  EXPECT_DOUBLE_EQ(least_host_bytes(*call, 1e12), 3 * 8e6);
  // 80 kB are 10^4 words, whose root is 100: 2 * 10^9 / 100 + 10^6 words.
  EXPECT_DOUBLE_EQ(least_host_bytes(*call, 80e3), 21e6 * 8);
  EXPECT_DOUBLE_EQ(least_host_bytes(*make_call(text("dsyrk", 1000)), 1e6), 0);
}

// Two groups that cannot copy from each other read the half of C's rows or columns twice.
TEST(LeastHostBytes, CountsWhatGroupsFetchEach) {
  const auto call = make_call(text("dgemm", 1000));
  const double one = least_host_bytes(*call, std::vector<MemoryGroup>{{1e12, 1}});
  EXPECT_DOUBLE_EQ(one, least_host_bytes(*call, 1e12));
  const std::vector<MemoryGroup> quarters(4, MemoryGroup{1e12, 0.25});
  EXPECT_DOUBLE_EQ(least_host_bytes(*call, quarters), (4 * 1e6 + 1e6) * 8);
  // Where memory is short each has only its own.
  const std::vector<MemoryGroup> halves(2, MemoryGroup{80e3, 0.5});
  EXPECT_DOUBLE_EQ(least_host_bytes(*call, halves), least_host_bytes(*call, 80e3));
  EXPECT_EQ(least_host_bytes(*make_call(text("dsyrk", 1000)), quarters), 0);
}

}  // namespace
}  // namespace blasx::runtime::sim
