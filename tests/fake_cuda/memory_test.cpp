// SPDX-License-Identifier: Apache-2.0
// Memory of the stand-in: out of the host's reach, poisoned, limited, and known for what it is.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>

#include "tests/fake_cuda/fixture.hpp"

namespace blasx::fake_cuda {
namespace {

using Memory = StandIn;

// Whether the process can read the byte; the kernel tells without a fault.
bool readable(const void* address) {
  int ends[2];
  if (pipe(ends) != 0) return false;
  const bool can = write(ends[1], address, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return can;
}

TEST_F(Memory, OfADeviceIsOutOfReachAndNoNumber) {
  auto* device = reinterpret_cast<double*>(device_memory());
  EXPECT_FALSE(readable(device));
  double value = 0;
  ASSERT_EQ(cudaMemcpy(&value, device, sizeof value, cudaMemcpyDefault), cudaSuccess);
  EXPECT_TRUE(std::isnan(value));
  ASSERT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(cudaFree(device), cudaErrorInvalidValue) << "twice";
}

TEST_F(Memory, HasALimit) {
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 2 << 20), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&memory, 1 << 19), cudaSuccess);
  size_t unused = 0, total = 0;
  ASSERT_EQ(cudaMemGetInfo(&unused, &total), cudaSuccess);
  EXPECT_EQ(total, size_t{1} << 20);
  EXPECT_EQ(unused, size_t{1} << 19);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  ASSERT_EQ(cudaMemGetInfo(&unused, &total), cudaSuccess);
  EXPECT_EQ(unused, total) << "the other device's is its own";
}

TEST_F(Memory, IsKnownForWhatItIs) {
  const auto type = [](const void* memory) {
    cudaPointerAttributes attributes{};
    EXPECT_EQ(cudaPointerGetAttributes(&attributes, memory), cudaSuccess);
    return attributes.type;
  };
  std::vector<std::byte> pageable(4 * kBytes);
  void* managed = nullptr;
  ASSERT_EQ(cudaMallocManaged(&managed, kBytes, cudaMemAttachGlobal), cudaSuccess);
  EXPECT_EQ(type(pageable.data()), cudaMemoryTypeUnregistered);
  EXPECT_EQ(type(pinned(0) + 17), cudaMemoryTypeHost);
  EXPECT_EQ(type(device_memory() + 17), cudaMemoryTypeDevice);
  EXPECT_EQ(type(managed), cudaMemoryTypeManaged);
  EXPECT_TRUE(readable(managed));

  ASSERT_EQ(cudaHostRegister(&pageable[kBytes], 2 * kBytes, cudaHostRegisterPortable), cudaSuccess);
  EXPECT_EQ(type(&pageable[2 * kBytes]), cudaMemoryTypeHost);
  EXPECT_EQ(type(&pageable[3 * kBytes]), cudaMemoryTypeUnregistered);
  EXPECT_EQ(cudaHostRegister(pageable.data(), kBytes + 1, 0), cudaErrorHostMemoryAlreadyRegistered);
  EXPECT_EQ(cudaHostUnregister(pageable.data()), cudaErrorHostMemoryNotRegistered);
  EXPECT_EQ(cudaHostUnregister(&pageable[kBytes]), cudaSuccess);
}

TEST_F(Memory, ThatIsReadOnlyOrNotThereIsNotRegistered) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* pages = mmap(nullptr, 2 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(pages, MAP_FAILED);
  EXPECT_NE(cudaHostRegister(pages, page, cudaHostRegisterPortable), cudaSuccess);
  EXPECT_EQ(cudaHostRegister(pages, page, cudaHostRegisterReadOnly), cudaSuccess);
  EXPECT_EQ(cudaHostUnregister(pages), cudaSuccess);
  munmap(static_cast<std::byte*>(pages) + page, page);
  EXPECT_NE(cudaHostRegister(pages, 2 * page, cudaHostRegisterReadOnly), cudaSuccess);
  munmap(pages, page);
}

TEST_F(Memory, InUseMayNotBeFreed) {
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  ASSERT_EQ(to_device(device, host, stream()), cudaSuccess);
  ASSERT_EQ(cudaFreeHost(host), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 1);
  ASSERT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(fake_cuda_races(), 1) << "freeing waits, so now nothing is under way";
}

TEST_F(Memory, OfAPeerIsReachedOnlyWhereThatIsAllowed) {
  fake_cuda_reset("devices=3 peers=0-1 races=count");
  std::byte* blocks[3];
  for (int d = 0; d < 3; ++d) {
    ASSERT_EQ(cudaSetDevice(d), cudaSuccess);
    blocks[d] = device_memory();
  }
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  const cudaStream_t s = stream();
  const auto copy = [&](int from) {
    return cudaMemcpyAsync(blocks[0], blocks[from], kBytes, cudaMemcpyDeviceToDevice, s);
  };
  EXPECT_EQ(copy(1), cudaErrorInvalidValue) << "not enabled yet";
  int can = -1;
  ASSERT_EQ(cudaDeviceCanAccessPeer(&can, 0, 2), cudaSuccess);
  EXPECT_EQ(can, 0);
  EXPECT_EQ(cudaDeviceEnablePeerAccess(2, 0), cudaErrorPeerAccessUnsupported);
  EXPECT_EQ(cudaDeviceEnablePeerAccess(1, 0), cudaSuccess);
  EXPECT_EQ(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessAlreadyEnabled);
  EXPECT_EQ(copy(1), cudaSuccess);
  EXPECT_EQ(copy(2), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpyPeerAsync(blocks[0], 0, blocks[2], 2, kBytes, s), cudaSuccess);
  EXPECT_EQ(cudaMemcpyPeerAsync(blocks[0], 0, blocks[2], 1, kBytes, s), cudaErrorInvalidValue);
  EXPECT_EQ(cudaStreamSynchronize(s), cudaSuccess);
}

TEST_F(Memory, IsNotSteppedOverFurtherThanHardwareCan) {
  fake_cuda_reset("devices=1 memory=1M most_pitch=128");
  std::byte* device = device_memory();
  std::byte* host = pinned(1);
  const cudaStream_t s = stream();
  int most = 0;
  ASSERT_EQ(cudaDeviceGetAttribute(&most, cudaDevAttrMaxPitch, 0), cudaSuccess);
  EXPECT_EQ(most, 128);
  const auto copy = [&](size_t pitch) {
    return cudaMemcpy2DAsync(device, 8, host, pitch, 8, 1, cudaMemcpyHostToDevice, s);
  };
  EXPECT_EQ(copy(128), cudaSuccess);
  EXPECT_EQ(copy(129), cudaErrorInvalidValue);
  EXPECT_EQ(to_device(device, host, s), cudaSuccess) << "a copy in one piece has no pitch";
  EXPECT_EQ(cudaStreamSynchronize(s), cudaSuccess);
}

TEST_F(Memory, ThreeDimensionalCopiesBetweenPeersMoveTheirWindow) {
  std::byte* from = device_memory();
  ASSERT_EQ(cudaMemset(from, 7, kBytes), cudaSuccess);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  std::byte* to = device_memory();
  ASSERT_EQ(cudaMemset(to, 0, kBytes), cudaSuccess);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  cudaMemcpy3DPeerParms p{};
  p.srcPtr = {from, 16, 16, 16};
  p.srcDevice = 0;
  p.dstPtr = {to + 32, 32, 32, 7};
  p.dstDevice = 1;
  p.extent = {8, 2, 1};
  const cudaStream_t s = stream();
  ASSERT_EQ(cudaMemcpy3DPeerAsync(&p, s), cudaSuccess);
  ASSERT_EQ(cudaStreamSynchronize(s), cudaSuccess);
  p.srcPtr.ysize = 1;
  EXPECT_EQ(cudaMemcpy3DPeerAsync(&p, s), cudaErrorInvalidValue) << "lower than what is copied";
  std::vector<unsigned char> back(kBytes);
  ASSERT_EQ(cudaMemcpy(back.data(), to, kBytes, cudaMemcpyDeviceToHost), cudaSuccess);
  for (size_t i = 0; i < kBytes; ++i) {
    const size_t row = i / 32, column = i % 32;
    EXPECT_EQ(back[i], (row == 1 || row == 2) && column < 8 ? 7 : 0) << i;
  }
  EXPECT_EQ(fake_cuda_races(), 0) << fake_cuda_last_race();
}

}  // namespace
}  // namespace blasx::fake_cuda
