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

// Every call up to the end of the first product; from there on every few.
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
  for (const char* function : kFunctions) {
    for (const int64_t call : {1, 3}) {
      if (!strike(function, call, Routine::Trsm) || HasFailure()) break;
    }
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Fault, testing::Values("refuse", "late", "lost"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace blasx::cuda_test
