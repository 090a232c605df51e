// SPDX-License-Identifier: Apache-2.0
// Faults of the stand-in strike where they are told to, and leave what CUDA leaves.
#include <atomic>

#include "tests/fake_cuda/fixture.hpp"

namespace blasx::fake_cuda {
namespace {

using Fault = StandIn;

TEST_F(Fault, RefusedIsRefusedOnce) {
  fake_cuda_reset("fail=cudaMalloc:2:refuse");
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaSuccess);
  EXPECT_EQ(fake_cuda_failed(), 0);
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaErrorMemoryAllocation);
  EXPECT_EQ(fake_cuda_failed(), 1);
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaSuccess);
  EXPECT_EQ(fake_cuda_calls("cudaMalloc"), 3);
}

TEST_F(Fault, LateSurfacesAtALaterCallAndStays) {
  fake_cuda_reset("devices=2 fail=cudaMemcpyAsync:1:late");
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t s = stream();
  const cudaEvent_t e = event();
  ASSERT_EQ(to_device(device, host, s), cudaSuccess);
  std::atomic<bool> called{false};
  ASSERT_EQ(cudaLaunchHostFunc(
                s, [](void* flag) { static_cast<std::atomic<bool>*>(flag)->store(true); }, &called),
            cudaSuccess);
  const cudaError_t recorded = cudaEventRecord(e, s);
  EXPECT_TRUE(recorded == cudaSuccess || recorded == cudaErrorLaunchFailure);
  EXPECT_EQ(cudaStreamSynchronize(s), cudaErrorLaunchFailure);
  EXPECT_FALSE(called) << "no host function after an error";
  EXPECT_EQ(cudaEventQuery(e), cudaErrorLaunchFailure);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaErrorLaunchFailure);
  EXPECT_EQ(cudaGetLastError(), cudaErrorLaunchFailure);
  EXPECT_EQ(cudaGetLastError(), cudaErrorLaunchFailure) << "it can't be cleared";
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaSuccess) << "the other device lives";
}

TEST_F(Fault, LostIsLostAtOnce) {
  fake_cuda_reset("fail=any:3:lost");
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaErrorUnknown);
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaErrorUnknown);
  EXPECT_EQ(fake_cuda_calls(nullptr), 4);
}

TEST_F(Fault, AnOldDriverLeavesTheCountUnwritten) {
  fake_cuda_reset("driver=old");
  int count = 77;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
  EXPECT_EQ(count, 77);
  EXPECT_EQ(cudaSetDevice(0), cudaErrorInsufficientDriver);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaErrorInsufficientDriver);
}

TEST_F(Fault, NoDevice) {
  fake_cuda_reset("devices=0");
  int count = 77;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 64), cudaErrorNoDevice);
}

}  // namespace
}  // namespace blasx::fake_cuda
