// SPDX-License-Identifier: Apache-2.0
// Matrices in every kind of memory: what is recognised, what is registered for a call, and results that stay where C is.
#include "blasx/device/cuda/home_memory.hpp"

#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <cstring>
#include <functional>
#include <utility>

#include "blasx/device/cuda/status.hpp"
#include "tests/cuda/machine.hpp"

namespace {

// Done once, when a device has looked at its memory and is about to register it: what another device does meanwhile.
std::function<void()> before_registering;

}  // namespace

// Goes before the stand-in's. NOLINTNEXTLINE(readability-identifier-naming): the name is CUDA's
extern "C" cudaError_t cudaHostRegister(void* memory, size_t bytes, unsigned int flags) {
  if (const auto first = std::exchange(before_registering, nullptr)) first();
  const auto next =
      reinterpret_cast<decltype(&cudaHostRegister)>(dlsym(RTLD_NEXT, "cudaHostRegister"));
  return next(memory, bytes, flags);
}

namespace blasx::cuda_test {
namespace {

using device::cuda::HomeMemory;
using device::cuda::HomeRates;
using device::cuda::Place;

constexpr int64_t kGB = 1'000'000'000;

TEST(Registering, PaysWhereThreadsAreSlowOrBytesMoveOften) {
  const HomeRates many_threads{40e9, 50e9}, two_threads{10e9, 50e9};
  EXPECT_FALSE(device::cuda::worth_registering(kGB, 1, many_threads));
  EXPECT_FALSE(device::cuda::worth_registering(kGB, 1, two_threads));
  EXPECT_TRUE(device::cuda::worth_registering(kGB, 2, two_threads));
  EXPECT_TRUE(device::cuda::worth_registering(kGB, 30, many_threads));
  EXPECT_FALSE(device::cuda::worth_registering(kGB, 100, {50e9, 50e9}));
  EXPECT_FALSE(device::cuda::worth_registering(1 << 20, 100, two_threads)) << "too small";
}

TEST(Passes, AreOneForWhatFitsAndGrowWithLessMemory) {
  BlasCall call = shape_of(Routine::Gemm, 1000);
  char somewhere = 0;
  call.a = call.b = call.c = &somewhere;
  EXPECT_EQ(device::cuda::least_passes(call, 4 * 8'000'000), 1);
  const double some = device::cuda::least_passes(call, 1 << 20);
  const double less = device::cuda::least_passes(call, 1 << 18);
  EXPECT_GT(some, 1);
  EXPECT_NEAR(less, 2 * some, 1e-9) << "half the side of a super-block";
}

class Home : public OnStandIn {
 protected:
  void SetUp() override { stand_in.reset("devices=2 memory=64M"); }
  static Place place(const BlasCall& call, const HomeRates& rates = {}) {
    HomeMemory home;
    home.open(call, 1 << 20, rates);
    return home.spot(static_cast<const std::byte*>(call.c)).place;
  }
  static cudaMemoryType type_of(const void* p) {
    cudaPointerAttributes attributes{};
    EXPECT_EQ(cudaPointerGetAttributes(&attributes, p), cudaSuccess);
    return attributes.type;
  }
};

BlasCall large_product(std::vector<double>& memory) {
  constexpr int64_t kLarge = 2900;  // more than kLeastRegistered
  memory.resize(kLarge * kLarge + 1024);
  BlasCall call;
  call.m = call.n = call.k = kLarge;
  call.lda = call.ldb = call.ldc = kLarge;
  call.a = call.b = call.c = &memory[3];
  return call;
}

TEST_F(Home, IsRegisteredForTheCallAndNoLonger) {
  std::vector<double> memory;
  const BlasCall call = large_product(memory);
  HomeMemory home;
  home.open(call, 1 << 20, {1e9, 50e9});
  EXPECT_EQ(home.spot(static_cast<const std::byte*>(call.c)).place, Place::Pinned);
  EXPECT_EQ(type_of(call.c), cudaMemoryTypeHost);
  home.close();
  EXPECT_EQ(type_of(call.c), cudaMemoryTypeUnregistered);
  EXPECT_EQ(place(call), Place::Pageable) << "not worth it at these rates";
}

TEST_F(Home, ThatTheProgramRegisteredStaysSo) {
  std::vector<double> memory;
  const BlasCall call = large_product(memory);
  const size_t bytes = memory.size() * sizeof(double);
  ASSERT_EQ(cudaHostRegister(memory.data(), bytes, cudaHostRegisterPortable), cudaSuccess);
  EXPECT_EQ(place(call, {1e9, 50e9}), Place::Pinned);
  EXPECT_EQ(type_of(call.c), cudaMemoryTypeHost);
  ASSERT_EQ(cudaHostUnregister(memory.data()), cudaSuccess);
  // Only the first half: the matrix ends in pages that cannot be registered together with it.
  ASSERT_EQ(cudaHostRegister(memory.data(), bytes / 2, cudaHostRegisterPortable), cudaSuccess);
  EXPECT_EQ(place(call, {1e9, 50e9}), Place::Pageable);
  EXPECT_EQ(type_of(call.c), cudaMemoryTypeHost) << "not ours to take back";
  ASSERT_EQ(cudaHostUnregister(memory.data()), cudaSuccess);
}

TEST_F(Home, ThatAnotherDeviceHasJustRegisteredIsPinnedForBoth) {
  std::vector<double> memory;
  const BlasCall call = large_product(memory);
  HomeMemory first, second;
  before_registering = [&] { first.open(call, 1 << 20, {1e9, 50e9}); };
  second.open(call, 1 << 20, {1e9, 50e9});
  ASSERT_FALSE(before_registering) << "it has happened";
  for (const HomeMemory* home : {&first, &second})
    EXPECT_EQ(home->spot(static_cast<const std::byte*>(call.c)).place, Place::Pinned);
  second.close();
  EXPECT_EQ(type_of(call.c), cudaMemoryTypeHost) << "not the second's to take back";
  first.close();
  EXPECT_EQ(type_of(call.c), cudaMemoryTypeUnregistered);
}

// A copy of a matrix in memory of another kind.
class Twin {
 public:
  Twin(const Matrix& matrix, Place place) : matrix_(matrix), place_(place) {
    if (matrix.data == nullptr) return;
    bytes_ = static_cast<size_t>(matrix.extent_bytes(sizeof(double)));
    pinned_ = *device::cuda::pinned_memory(matrix.extent_bytes(sizeof(double)));
    std::memcpy(pinned_.get(), matrix.data, bytes_);
    if (place != Place::Device) return;
    on_device_ = *device::cuda::device_memory(matrix.extent_bytes(sizeof(double)));
    copy(on_device_.get(), pinned_.get(), cudaMemcpyHostToDevice);
  }
  void* data() const { return place_ == Place::Device ? on_device_.get() : pinned_.get(); }
  void bring_back() {
    if (place_ == Place::Device) copy(pinned_.get(), on_device_.get(), cudaMemcpyDeviceToHost);
    std::memcpy(matrix_.data, pinned_.get(), bytes_);
  }

 private:
  void copy(void* to, const void* from, cudaMemcpyKind kind) const {
    const auto stream = *device::cuda::new_stream();
    EXPECT_EQ(cudaMemcpyAsync(to, from, bytes_, kind, stream.get()), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream.get()), cudaSuccess);
  }

  Matrix matrix_;
  Place place_;
  size_t bytes_ = 0;
  device::cuda::PinnedMemory pinned_;
  device::cuda::DeviceMemory on_device_;
};

void run_on_twins(runtime::Runtime& runtime, const BlasCall& shape, Place place) {
  support::CallCase<double> test(shape, 2, 3);
  BlasCall call = test.call;
  auto matrices = matrices_of(call);
  Twin a(matrices[0], place), b(matrices[1], place), c(matrices[2], place);
  call.a = a.data();
  call.b = b.data();
  call.c = c.data();
  const auto report = runtime.run(call, runtime::Where::Devices);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->finished_here, 0);
  c.bring_back();
  test.check(2 * std::max({shape.m, shape.n, shape.k}) / kTile + 4);
}

constexpr Routine kSome[] = {Routine::Gemm,  Routine::Gemmt, Routine::Symm, Routine::Syrk,
                             Routine::Syr2k, Routine::Trmm,  Routine::Trsm};

TEST_F(Home, ThatIsPinnedIsUsedWhereItIs) {
  runtime::Runtime runtime(options({0, 1}));
  for (const Routine routine : kSome) run_on_twins(runtime, shape_of(routine), Place::Pinned);
  EXPECT_EQ(runtime.device_count(), 2) << testing::PrintToString(warnings);
}

// Whoever else touches this memory, the processor above all, faults.
TEST_F(Home, OnAGpuIsReachedByGpusAlone) {
  runtime::Options with_all = options({0, 1});
  with_all.cpu = true;
  with_all.host_devices = 1;
  runtime::Runtime runtime(with_all);
  for (const Routine routine : kSome) run_on_twins(runtime, shape_of(routine), Place::Device);
  EXPECT_EQ(runtime.device_count(), 3) << testing::PrintToString(warnings);
}

// Columns may lie further apart than the hardware's copies can step; as tiles in the arena never do.
TEST_F(Home, OfAnyPitchIsReached) {
  stand_in.reset("devices=2 memory=64M most_pitch=256");
  static_assert(kSide * sizeof(double) > 256 && kTile * sizeof(double) <= 256);
  for (const Place place : {Place::Pinned, Place::Device}) {
    runtime::Runtime runtime(options({0, 1}));
    for (const Routine routine : kSome) run_on_twins(runtime, shape_of(routine), place);
    EXPECT_EQ(runtime.device_count(), 2) << testing::PrintToString(warnings);
  }
}

TEST_F(Home, OnAGpuThatIsLostIsLeftAlone) {
  stand_in.reset("devices=1 memory=64M fail=cublasDgemm:9:refuse");
  runtime::Runtime runtime(options({0, 0}));
  run_on_twins(runtime, shape_of(Routine::Gemm), Place::Device);
  EXPECT_EQ(runtime.device_count(), 1) << "the other half of the GPU has finished it";
}

}  // namespace
}  // namespace blasx::cuda_test
