// SPDX-License-Identifier: Apache-2.0
#include "tests/blasx/runtime/thin_call.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "blasx/runtime/driver.hpp"
#include "tests/support/call_case.hpp"

namespace blasx::runtime {
namespace {

constexpr int64_t kOrder = 53;
constexpr tile::TileShape kThin{16, 16, 4, 0, 0, true};

BlasCall thin_call(Routine routine, Op trans_a, Op trans_b) {
  BlasCall call;
  call.routine = routine;
  call.trans_a = trans_a;
  call.trans_b = trans_b;
  call.m = call.n = kOrder;
  call.k = kOrder + 5;
  call.uplo = Uplo::Lower;
  call.alpha = 0.75;
  call.beta = -0.5;
  return call;
}

// Exactly as much memory as the blocks take: what lies beyond is somebody else's.
void run_and_check(device::Device& device, const BlasCall& call, int32_t outputs, int32_t inputs) {
  support::CallCase<double> test(call, 2, 1);
  const tile::TaskGraph graph(test.call, kThin);
  ASSERT_GT(graph.blocks_of_output(), 1);
  const int64_t bytes = outputs * graph.output_bytes() + inputs * graph.block_bytes();
  const Result<int64_t> opened = device.open_arena(bytes);
  ASSERT_TRUE(opened);
  schedule::DeviceSpec spec;
  spec.streams = 2;
  spec.tasks = 12;
  spec.blocks = outputs + inputs;
  spec.outputs = outputs;
  const std::vector<double> rates{0, 1, 1, 0};
  const std::vector<device::Device*> devices{&device};
  const std::vector<schedule::DeviceSpec> specs{spec};
  const std::vector<int32_t> rows{0};
  Driver driver(graph, devices, specs, rows, {1, rates.data()});
  EXPECT_EQ(driver.run(), 0);
  EXPECT_EQ(driver.internal_error(), "");
  EXPECT_EQ(driver.shares()[0].tasks, graph.task_count());
  test.check(2 * (kOrder / 4 + 2) + 2);
}

}  // namespace

void run_thin_calls(const std::function<std::unique_ptr<device::Device>()>& make) {
  for (const Routine routine : {Routine::Gemm, Routine::Gemmt, Routine::Syrk, Routine::Syr2k}) {
    for (const Op trans_a : {Op::NoTrans, Op::Trans}) {
      for (const Op trans_b : {Op::NoTrans, Op::Trans}) {
        SCOPED_TRACE(std::string(routine_name(routine)) + (trans_a == Op::Trans ? " t" : " n") +
                     (trans_b == Op::Trans ? " t" : " n"));
        const BlasCall call = thin_call(routine, trans_a, trans_b);
        run_and_check(*make(), call, 9, 12);
        run_and_check(*make(), call, 1, 2);
      }
    }
  }
}

}  // namespace blasx::runtime
