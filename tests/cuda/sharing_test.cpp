// SPDX-License-Identifier: Apache-2.0
// Which devices take part in a call beside a GPU.
#include <algorithm>

#include "tests/cuda/machine.hpp"

namespace blasx::cuda_test {
namespace {

class Sharing : public OnStandIn {
 protected:
  void SetUp() override { stand_in.reset("devices=1 memory=64M"); }
  static runtime::Options gpu_and(bool cpu, int32_t host_devices) {
    runtime::Options all = options({0});
    all.cpu = cpu;
    all.host_devices = host_devices;
    all.device_memory_bytes = 4 << 20;  // enough to measure a kernel
    return all;
  }
  // Tasks that were done on devices whose name begins so.
  static int64_t tasks_of(runtime::Runtime& runtime, const char* name, double cpu_rate) {
    support::CallCase<double> test(shape_of(Routine::Gemm, 8 * kTile), 2, 5);
    const auto report = runtime.run(test.call, runtime::Where::Devices, 0, cpu_rate);
    EXPECT_TRUE(report);
    if (!report) return -1;
    test.check(20);
    int64_t tasks = 0;
    for (const runtime::DeviceShare& share : report->shares)
      if (share.name.starts_with(name)) tasks += share.tasks;
    return tasks;
  }
};

TEST_F(Sharing, AProcessorThatWouldHoldTheGpuUpStaysOut) {
  runtime::Runtime runtime(gpu_and(true, 0));
  EXPECT_EQ(tasks_of(runtime, "cpu", 1e3), 0) << "a task of it takes longer than the call";
  EXPECT_GT(tasks_of(runtime, "cpu", 1e15), 0);
  EXPECT_GT(tasks_of(runtime, "cuda", 1e3), 0);
}

TEST_F(Sharing, KnowsWhatOpeningMeasured) {
  runtime::Runtime runtime(gpu_and(false, 0));
  EXPECT_FALSE(runtime.facts().has_value()) << "nothing is opened before it is wanted";
  EXPECT_EQ(stand_in.calls(nullptr), 0);
  EXPECT_GT(tasks_of(runtime, "cuda", 0), 0);
  const auto facts = runtime.facts();
  ASSERT_TRUE(facts.has_value());
  EXPECT_TRUE(std::all_of(std::begin(facts->kernel_rate), std::end(facts->kernel_rate),
                          [](double rate) { return rate > 0; }));
  EXPECT_GT(facts->link_rate, 0);
  EXPECT_EQ(facts->memory_bytes, 4 << 20);
}

TEST_F(Sharing, OnlyLikeDevicesWhereResultsMustRepeat) {
  runtime::Options mixed = gpu_and(true, 1);
  mixed.deterministic = true;
  runtime::Runtime runtime(mixed);
  EXPECT_EQ(tasks_of(runtime, "cuda", 0), 0) << "the device of host memory was named first";
  EXPECT_EQ(tasks_of(runtime, "cpu", 0), 0);
}

}  // namespace
}  // namespace blasx::cuda_test
