// SPDX-License-Identifier: Apache-2.0
// Too little memory, memory of other kinds, and machines that cannot be used: what is left computes the result.
#include <cstring>
#include <utility>

#include "blasx/runtime/machine.hpp"
#include "tests/blasx/runtime/thin_call.hpp"
#include "tests/cuda/machine.hpp"

namespace blasx::cuda_test {
namespace {

using Memory = OnStandIn;
using Machine = OnStandIn;

// The arena holds a few of a matrix's tiles.
TEST_F(Memory, OfAFewTilesIsEnough) {
  for (const char* peers : {"peers=all", "peers=none", "most_peers=0"}) {
    stand_in.reset(std::string("devices=2 memory=16M order=random ") + peers);
    constexpr int64_t kLittle = 1 << 16;
    runtime::Options few = options({0, 1});
    few.device_memory_bytes = kLittle;
    runtime::Runtime runtime(few);
    constexpr int64_t kTiles = 8;
    for (const Routine routine : {Routine::Gemm, Routine::Syr2k, Routine::Trmm, Routine::Trsm}) {
      const auto report = run(runtime, shape_of(routine, kTiles * kTile));
      EXPECT_EQ(gpu_tasks(report), report.tasks);
      // More came in than there is room for: something had to go.
      EXPECT_GT(report.traffic.home_to_device_bytes + report.traffic.device_to_device_bytes,
                2 * kLittle);
    }
    EXPECT_EQ(runtime.device_count(), 2) << testing::PrintToString(warnings);
  }
}

TEST_F(Memory, ThinTilesLieInSmallerBlocks) {
  stand_in.reset("devices=1 memory=16M order=random");
  runtime::run_thin_calls(
      [] { return std::move(runtime::make_module_devices(options({0})).front()); });
}

TEST_F(Memory, PeersGiveTilesToEachOther) {
  stand_in.reset("devices=2 memory=16M");
  runtime::Runtime runtime(options({0, 1}));
  int64_t from_peers = 0;
  for (uint64_t i = 0; i < 10 && from_peers == 0; ++i) {
    from_peers += run(runtime, shape_of(Routine::Gemm, 8 * kTile), i).traffic.level2_hits;
  }
  EXPECT_GT(from_peers, 0);
  EXPECT_GT(stand_in.calls("cudaMemcpy3DPeerAsync"), 0);
}

TEST_F(Memory, TwoDevicesShareOneGpu) {
  stand_in.reset("devices=1 memory=24M");
  runtime::Runtime runtime(options({0, 0}));
  const auto report = run(runtime, shape_of(Routine::Trmm, 8 * kTile));
  EXPECT_EQ(runtime.device_count(), 2);
  EXPECT_EQ(gpu_tasks(report), report.tasks);
  ASSERT_EQ(report.shares.size(), 3u);
  EXPECT_NE(report.shares[0].name, report.shares[1].name);
}

TEST_F(Memory, ThatIsShortMakesTheArenaShrink) {
  stand_in.reset("devices=1 memory=16M");
  runtime::Options greedy = options({0});
  greedy.device_memory_bytes = int64_t{15} << 20;
  runtime::Runtime runtime(greedy);
  const auto report = run(runtime, shape_of(Routine::Gemm));
  EXPECT_EQ(gpu_tasks(report), report.tasks);
  EXPECT_EQ(runtime.device_count(), 1) << testing::PrintToString(warnings);
}

TEST_F(Memory, ThatIsNotThereLeavesTheDeviceOutWithOneWarning) {
  stand_in.reset("devices=1 memory=1M");
  runtime::Runtime runtime(options({0}));
  for (uint64_t i = 0; i < 3; ++i)
    EXPECT_EQ(gpu_tasks(run(runtime, shape_of(Routine::Gemm), i)), 0);
  EXPECT_EQ(runtime.device_count(), 0);
  EXPECT_EQ(warnings.size(), 1u) << testing::PrintToString(warnings);
  EXPECT_EQ(stand_in.memory_in_use(), 0) << "a device that is left out keeps nothing";
}

TEST_F(Memory, IsGivenBack) {
  stand_in.reset("devices=2 memory=16M");
  {
    runtime::Runtime runtime(options({0, 1}));
    run(runtime, shape_of(Routine::Gemm));
    EXPECT_GT(stand_in.memory_in_use(), 0);
  }
  EXPECT_EQ(stand_in.memory_in_use(), 0);
}

// What cannot be used is told once, in words that say what is missing; the result comes from the processor.
struct Unusable {
  const char* name;
  const char* configuration;
  const char* told;
};
class UnusableMachine : public OnStandIn, public testing::WithParamInterface<Unusable> {};

TEST_P(UnusableMachine, IsToldOnce) {
  stand_in.reset(GetParam().configuration);
  runtime::Runtime runtime(options({0}));
  for (uint64_t i = 0; i < 3; ++i)
    EXPECT_EQ(gpu_tasks(run(runtime, shape_of(Routine::Syrk), i)), 0);
  EXPECT_EQ(runtime.device_count(), 0);
  EXPECT_EQ(warnings.size(), 1u) << testing::PrintToString(warnings);
  EXPECT_EQ(warnings_with(GetParam().told), 1) << testing::PrintToString(warnings);
}

INSTANTIATE_TEST_SUITE_P(
    Machines, UnusableMachine,
    testing::Values(Unusable{"OldDriver", "driver=old", "driver"},
                    Unusable{"NoGpu", "devices=0", "there is no GPU"},
                    Unusable{"AnotherCublas", "cublas=11 memory=16M", "cuBLAS 11"},
                    Unusable{"NoCublas", "cublas=0 memory=16M", "CUBLAS_STATUS_NOT_INITIALIZED"}),
    [](const auto& machine) { return std::string(machine.param.name); });

TEST_F(Machine, WithoutTheModuleIsToldOnce) {
  runtime::Options none = options({0});
  none.gpus.file = "/nowhere/libblasx_cuda.so";
  runtime::Runtime runtime(none);
  for (uint64_t i = 0; i < 2; ++i)
    EXPECT_EQ(gpu_tasks(run(runtime, shape_of(Routine::Gemm), i)), 0);
  EXPECT_EQ(warnings.size(), 1u) << testing::PrintToString(warnings);
  EXPECT_EQ(warnings_with("/nowhere/libblasx_cuda.so"), 1) << testing::PrintToString(warnings);
}

TEST_F(Machine, WithoutTheGpuThatWasNamedUsesTheOthers) {
  stand_in.reset("devices=2 memory=16M");
  runtime::Runtime runtime(options({0, 5}));
  const auto report = run(runtime, shape_of(Routine::Gemm));
  EXPECT_EQ(gpu_tasks(report), report.tasks);
  EXPECT_EQ(runtime.device_count(), 1);
  EXPECT_EQ(warnings.size(), 1u) << testing::PrintToString(warnings);
}

}  // namespace
}  // namespace blasx::cuda_test
