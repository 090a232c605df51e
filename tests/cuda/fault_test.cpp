// SPDX-License-Identifier: Apache-2.0
// Each call of CUDA fails in turn, in each way, from making the devices to the end of a product: the result is right all the same,
// nothing hangs, and one warning says which device is gone.
#include <random>

#include "tests/cuda/machine.hpp"

namespace blasx::cuda_test {
namespace {

constexpr const char* kMachine = "devices=2 memory=12M ";

class Fault : public OnStandIn, public testing::WithParamInterface<const char*> {
 protected:
  // False if the fault did not come to pass: there are fewer calls than that.
  bool strike(const std::string& function, int64_t call, Routine routine) {
    const std::string fault = "fail=" + function + ":" + std::to_string(call) + ":" + GetParam();
    SCOPED_TRACE(fault);
    stand_in.reset(kMachine + fault);
    warnings.clear();
    {
      runtime::Runtime runtime(options({0, 1}));
      run(runtime, shape_of(routine));
      const int64_t lost = 2 - runtime.device_count();
      const int64_t told = warnings_with("device cuda");
      EXPECT_LE(told, lost) << warnings.front();
      EXPECT_GE(told, std::min<int64_t>(lost, 1)) << "a device is gone and nobody was told";
      run(runtime, shape_of(routine), 2);
      EXPECT_EQ(stand_in.pending(), 0);
    }
    return stand_in.failed();
  }
};

// In slow builds a share of the cases has to do; then each kind of fault has functions of its own.
constexpr bool kFewCases = BLASX_TEST_STRIDE > 100;

// Every few calls, from the first on.
TEST_P(Fault, AtAnyCall) {
  std::mt19937 random(11);
  constexpr int64_t kMost = 100'000;
  int64_t call = 1;
  for (; call < kMost && strike("any", call, Routine::Trsm);) {
    if (HasFailure()) return;
    call += BLASX_TEST_STRIDE + static_cast<int64_t>(random() % BLASX_TEST_STRIDE);
  }
  EXPECT_GT(call, 100) << "of the calls that two devices need";
  EXPECT_LT(call, kMost);
}

constexpr const char* kFunctions[] = {"cudaGetDeviceCount",
                                      "cudaSetDevice",
                                      "cudaGetDeviceProperties",
                                      "cudaDeviceGetAttribute",
                                      "cudaMemGetInfo",
                                      "cudaMalloc",
                                      "cudaHostAlloc",
                                      "cudaFree",
                                      "cudaStreamCreateWithFlags",
                                      "cudaEventCreateWithFlags",
                                      "cudaEventRecord",
                                      "cudaEventQuery",
                                      "cudaStreamSynchronize",
                                      "cudaMemcpy2DAsync",
                                      "cudaMemcpy3DPeerAsync",
                                      "cudaDeviceCanAccessPeer",
                                      "cudaDeviceEnablePeerAccess",
                                      "cudaPointerGetAttributes",
                                      "cublasCreate",
                                      "cublasSetStream",
                                      "cublasSetWorkspace",
                                      "cublasDgemm",
                                      "cublasDgeam",
                                      "cublasDtrsm"};

TEST_P(Fault, OfEachFunction) {
  // Differs between the kinds.
  const auto kind = static_cast<size_t>(GetParam()[2]);
  for (size_t i = 0; i < std::size(kFunctions); ++i) {
    if (kFewCases && (i + kind) % 3 != 0) continue;
    for (const int64_t call : {1, 3}) {
      if (!strike(kFunctions[i], call, Routine::Trsm) || HasFailure() || kFewCases) break;
    }
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Fault, testing::Values("refuse", "late", "lost"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace blasx::cuda_test
