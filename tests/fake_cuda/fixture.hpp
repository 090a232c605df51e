// SPDX-License-Identifier: Apache-2.0
// What the stand-in's own tests share: a fresh machine for each, buffers that clean up, and how to look into device memory.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "cublas_v2.h"
#include "cuda_runtime_api.h"
#include "tests/fake_cuda/fake_cuda.h"

namespace blasx::fake_cuda {

inline constexpr size_t kBytes = 256;

class StandIn : public testing::Test {
 protected:
  StandIn() {
    fake_cuda_reset("devices=2 races=count memory=1M");
    cudaSetDevice(0);
  }
  ~StandIn() override {
    fake_cuda_reset("");
    cudaGetLastError();
  }

  static std::byte* device_memory(size_t bytes = kBytes) {
    void* memory = nullptr;
    EXPECT_EQ(cudaMalloc(&memory, bytes), cudaSuccess);
    return static_cast<std::byte*>(memory);
  }
  static std::byte* pinned(int value, size_t bytes = kBytes) {
    void* memory = nullptr;
    EXPECT_EQ(cudaHostAlloc(&memory, bytes, cudaHostAllocPortable), cudaSuccess);
    std::memset(memory, value, bytes);
    return static_cast<std::byte*>(memory);
  }
  static cudaStream_t stream(unsigned int flags = cudaStreamNonBlocking) {
    cudaStream_t made = nullptr;
    EXPECT_EQ(cudaStreamCreateWithFlags(&made, flags), cudaSuccess);
    return made;
  }
  static cudaEvent_t event() {
    cudaEvent_t made = nullptr;
    EXPECT_EQ(cudaEventCreateWithFlags(&made, cudaEventDisableTiming), cudaSuccess);
    return made;
  }
  static cudaError_t to_device(std::byte* to, const std::byte* from, cudaStream_t s) {
    return cudaMemcpyAsync(to, from, kBytes, cudaMemcpyHostToDevice, s);
  }
  static cudaError_t to_host(std::byte* to, const std::byte* from, cudaStream_t s) {
    return cudaMemcpyAsync(to, from, kBytes, cudaMemcpyDeviceToHost, s);
  }
  // The first byte of device memory, read by a blocking copy.
  static int first_byte(const std::byte* memory) {
    unsigned char value = 0;
    EXPECT_EQ(cudaMemcpy(&value, memory, 1, cudaMemcpyDeviceToHost), cudaSuccess);
    return value;
  }
};

}  // namespace blasx::fake_cuda
