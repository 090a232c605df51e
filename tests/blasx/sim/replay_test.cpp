// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/sim/replay.hpp"

#include <gmock/gmock.h>

namespace blasx::tools::sim {
namespace {

using testing::HasSubstr;

constexpr const char* kLog =
    "epoch 1\n"
    "{\"routine\":\"dgemm\",\"m\":100,\"n\":200,\"k\":300,\"flags\":\"NT\",\"measured_ns\":"
    "2000000000}\n"
    "blasx: warning: something\n"
    "{\"routine\":\"strsm\",\"m\":64,\"n\":32,\"flags\":\"RLTU\",\"measured_ns\":500000000}\n"
    "{\"routine\":\"dgemm\",\"m\":100,\"n\":200,\"k\":300,\"flags\":\"NT\",\"measured_ns\":"
    "1000000000}\n";

TEST(Replay, CountsEqualCalls) {
  auto calls = calls_of_log(kLog, "log");
  ASSERT_TRUE(calls) << calls.error().message();
  ASSERT_EQ(calls->size(), 2U);
  const ReplayedCall& gemm = (*calls)[0];
  EXPECT_EQ(gemm.count, 2);
  EXPECT_DOUBLE_EQ(gemm.measured_s, 3);
  EXPECT_EQ(gemm.call.m, 100);
  EXPECT_EQ(gemm.call.k, 300);
  EXPECT_EQ(gemm.call.trans_a, "n");
  EXPECT_EQ(gemm.call.trans_b, "t");
  const ReplayedCall& trsm = (*calls)[1];
  EXPECT_EQ(trsm.call.side, "right");
  EXPECT_EQ(trsm.call.uplo, "lower");
  EXPECT_EQ(trsm.call.trans_a, "t");
  EXPECT_TRUE(runtime::sim::make_call(trsm.call).has_value());
  (*calls)[0].virtual_s = 0.5;
  (*calls)[1].virtual_s = 0.25;
  EXPECT_THAT(replay_text("M", *calls), HasSubstr("3.5        1.25     2.80"));
}

TEST(Replay, SaysWhichLineIsNoCall) {
  const auto refusal = [](const std::string& line) {
    const auto calls = calls_of_log("\n" + line + "\n", "log");
    EXPECT_FALSE(calls) << line;
    return calls ? "" : calls.error().message();
  };
  const std::string no_call = "log:2: no call as BLASX_EXPLAIN=1 writes them";
  EXPECT_EQ(refusal("{\"routine\":\"dgemm\",\"m\":1"), no_call);
  EXPECT_EQ(refusal("{\"routine\":\"dgemm\",\"m\":1,\"n\":1,\"k\":1,\"flags\":\"N\"}"), no_call);
  EXPECT_EQ(refusal("{\"routine\":\"dgemm\",\"m\":1,\"n\":1,\"k\":1,\"flags\":\"NX\"}"), no_call);
  EXPECT_EQ(refusal("{\"routine\":\"dpotrf\",\"m\":1,\"n\":1,\"flags\":\"L\"}"), no_call);
  EXPECT_EQ(refusal("{\"routine\":7,\"n\":1}"), no_call);
  EXPECT_THAT(refusal("nothing"), HasSubstr("log: no calls; accepted"));
}

}  // namespace
}  // namespace blasx::tools::sim
