// SPDX-License-Identifier: Apache-2.0
// Streams of the stand-in are late, keep order only where CUDA promises it, and tell on those who count on more.
#include <atomic>

#include "tests/fake_cuda/fixture.hpp"

namespace blasx::fake_cuda {
namespace {

using Stream = StandIn;

TEST_F(Stream, ACopyReadsItsSourceLate) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t s = stream();
  ASSERT_EQ(to_device(device, host, s), cudaSuccess);
  EXPECT_EQ(fake_cuda_pending(), 1);
  std::memset(host, 2, kBytes);  // too early, and it shows
  ASSERT_EQ(cudaStreamSynchronize(s), cudaSuccess);
  EXPECT_EQ(fake_cuda_pending(), 0);
  EXPECT_EQ(first_byte(device), 2);
}

TEST_F(Stream, AnEventIsNotThereAtTheFirstLook) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t s = stream();
  const cudaEvent_t e = event();
  EXPECT_EQ(cudaEventQuery(e), cudaSuccess) << "never recorded";
  ASSERT_EQ(to_device(device, host, s), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(e, s), cudaSuccess);
  EXPECT_EQ(cudaEventQuery(e), cudaErrorNotReady);
  int looks = 1;
  while (cudaEventQuery(e) == cudaErrorNotReady) ++looks;
  EXPECT_GE(looks, 1);
  EXPECT_EQ(fake_cuda_pending(), 0);
}

TEST_F(Stream, OnlyWhatIsWaitedForRuns) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t waited = stream(), other = stream();
  ASSERT_EQ(to_device(device, host, waited), cudaSuccess);
  ASSERT_EQ(to_device(device + kBytes / 2, host, other), cudaErrorInvalidValue) << "past the end";
  std::byte* more = device_memory();
  ASSERT_EQ(to_device(more, host, other), cudaSuccess);
  ASSERT_EQ(cudaStreamSynchronize(waited), cudaSuccess);
  EXPECT_EQ(fake_cuda_pending(), 1);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  EXPECT_EQ(fake_cuda_pending(), 0);
}

TEST_F(Stream, TwoStreamsOnOneBlockRaceUnlessAnEventOrdersThem) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  std::byte* back = pinned(0);
  const cudaStream_t in = stream(), out = stream();
  ASSERT_EQ(to_device(device, host, in), cudaSuccess);
  ASSERT_EQ(to_host(back, device, out), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 1);
  const std::string text = fake_cuda_last_race();
  EXPECT_NE(text.find("cudaMemcpyAsync (device 0, stream 2"), std::string::npos) << text;
  EXPECT_NE(text.find("cudaMemcpyAsync (device 0, stream 3"), std::string::npos) << text;
  EXPECT_NE(text.find("reads"), std::string::npos) << text;
  EXPECT_NE(text.find("writes"), std::string::npos) << text;

  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  const cudaEvent_t e = event();
  ASSERT_EQ(to_device(device, host, in), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(e, in), cudaSuccess);
  ASSERT_EQ(cudaStreamWaitEvent(out, e, 0), cudaSuccess);
  ASSERT_EQ(to_host(back, device, out), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 1) << fake_cuda_last_race();
  ASSERT_EQ(cudaStreamSynchronize(out), cudaSuccess);
  EXPECT_EQ(static_cast<int>(back[0]), 1);
}

TEST_F(Stream, TheHostThatSawTheEndMayGoOnInAnotherStream) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t in = stream(), out = stream();
  const cudaEvent_t e = event();
  ASSERT_EQ(to_device(device, host, in), cudaSuccess);
  ASSERT_EQ(cudaEventRecord(e, in), cudaSuccess);
  while (cudaEventQuery(e) == cudaErrorNotReady) {
  }
  std::byte* back = pinned(0);
  ASSERT_EQ(to_host(back, device, out), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 0) << fake_cuda_last_race();
}

TEST_F(Stream, ColumnsBesideEachOtherDoNotRaceButSharedOnesDo) {
  constexpr size_t kPitch = 32, kColumns = 8;
  std::byte* device = device_memory(kPitch * kColumns);
  std::byte* host = pinned(1);
  const auto copy = [&](size_t offset, size_t width) {
    return cudaMemcpy2DAsync(device + offset, kPitch, host, kPitch, width, kColumns,
                             cudaMemcpyHostToDevice, stream());
  };
  ASSERT_EQ(copy(0, 16), cudaSuccess);
  ASSERT_EQ(copy(16, 16), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 0) << fake_cuda_last_race();
  ASSERT_EQ(copy(15, 2), cudaSuccess);
  EXPECT_GE(fake_cuda_races(), 1);
}

TEST_F(Stream, ZeroWaitsForBlockingStreamsOnly) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  std::byte* back = pinned(0);
  ASSERT_EQ(to_device(device, host, stream(cudaStreamDefault)), cudaSuccess);
  ASSERT_EQ(to_host(back, device, nullptr), cudaSuccess);
  ASSERT_EQ(to_host(back, device, stream(cudaStreamDefault)), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 0) << fake_cuda_last_race();
  ASSERT_EQ(to_host(back, device, stream()), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 1);
}

TEST_F(Stream, AHostFunctionRunsUnaskedAndAfterWhatIsBeforeIt) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t s = stream();
  std::atomic<bool> called{false};
  ASSERT_EQ(to_device(device, host, s), cudaSuccess);
  ASSERT_EQ(cudaLaunchHostFunc(
                s, [](void* flag) { static_cast<std::atomic<bool>*>(flag)->store(true); }, &called),
            cudaSuccess);
  while (!called) {
  }
  ASSERT_EQ(to_host(pinned(0), device, stream()), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 0) << fake_cuda_last_race();
}

TEST_F(Stream, RandomOrderRunsEverythingInTheEnd) {
  fake_cuda_reset("order=random races=count");
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(to_device(device, host, stream()), cudaSuccess);
  while (fake_cuda_pending() > 0) {
  }
  EXPECT_GT(fake_cuda_races(), 0);
}

TEST_F(Stream, EventsAndStreamsOfDifferentDevicesDoNotMix) {
  const cudaEvent_t e = event();
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  const cudaStream_t s = stream();
  EXPECT_EQ(cudaEventRecord(e, s), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamWaitEvent(s, e, 0), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(s), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(s), cudaErrorInvalidResourceHandle);
}

}  // namespace
}  // namespace blasx::fake_cuda
