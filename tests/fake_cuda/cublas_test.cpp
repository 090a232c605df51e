// SPDX-License-Identifier: Apache-2.0
// The stand-in's cuBLAS computes what cuBLAS computes, in streams, and tells on handles that are shared.
#include <cmath>

#include "tests/fake_cuda/fixture.hpp"

namespace blasx::fake_cuda {
namespace {

class Cublas : public StandIn {
 protected:
  static cublasHandle_t handle(cudaStream_t s) {
    cublasHandle_t made = nullptr;
    EXPECT_EQ(cublasCreate(&made), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(cublasSetStream(made, s), CUBLAS_STATUS_SUCCESS);
    return made;
  }
  static double* upload(const std::vector<double>& values) {
    auto* memory = reinterpret_cast<double*>(device_memory(values.size() * sizeof(double)));
    EXPECT_EQ(cudaMemcpy(memory, values.data(), values.size() * sizeof(double), cudaMemcpyDefault),
              cudaSuccess);
    return memory;
  }
  static std::vector<double> download(const double* memory, size_t count) {
    std::vector<double> values(count);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(values.data(), memory, count * sizeof(double), cudaMemcpyDefault),
              cudaSuccess);
    return values;
  }
  const double one = 1, zero = 0, two = 2;
  cudaStream_t s = stream();
};

TEST_F(Cublas, GemmDoesNotReadCWhereBetaIsZero) {
  const cublasHandle_t h = handle(s);
  const double* a = upload({1, 2, 3, 4});
  const double* b = upload({1, 0, 0, 1});
  auto* c = reinterpret_cast<double*>(device_memory(4 * sizeof(double)));
  ASSERT_EQ(cublasDgemm(h, CUBLAS_OP_T, CUBLAS_OP_N, 2, 2, 2, &two, a, 2, b, 2, &zero, c, 2),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(fake_cuda_pending(), 1) << "it has not run";
  EXPECT_EQ(download(c, 4), (std::vector<double>{2, 6, 4, 8}));
  EXPECT_EQ(fake_cuda_calls("cublasDgemm"), 1);
  EXPECT_EQ(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, TrmmLeavesBAlone) {
  const cublasHandle_t h = handle(s);
  const double* a = upload({2, NAN, 1, 3});  // upper
  double* b = upload({1, 1});
  double* c = upload({NAN, NAN});
  ASSERT_EQ(cublasDtrmm(h, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_UPPER, CUBLAS_OP_N,
                        CUBLAS_DIAG_NON_UNIT, 2, 1, &one, a, 2, b, 2, c, 2),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(download(c, 2), (std::vector<double>{3, 3}));
  EXPECT_EQ(download(b, 2), (std::vector<double>{1, 1}));
  ASSERT_EQ(cublasDtrmm(h, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_UPPER, CUBLAS_OP_N,
                        CUBLAS_DIAG_NON_UNIT, 2, 1, &one, a, 2, b, 2, b, 2),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(download(b, 2), (std::vector<double>{3, 3}));
  ASSERT_EQ(cublasDtrsm(h, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_UPPER, CUBLAS_OP_N,
                        CUBLAS_DIAG_NON_UNIT, 2, 1, &one, a, 2, b, 2),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(download(b, 2), (std::vector<double>{1, 1})) << "the inverse";
  EXPECT_EQ(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, GeamScalesAndClearsInPlace) {
  const cublasHandle_t h = handle(s);
  double* c = upload({1, 2, 3, NAN});
  ASSERT_EQ(cublasDgeam(h, CUBLAS_OP_N, CUBLAS_OP_N, 3, 1, &two, c, 4, &zero, c, 4, c, 4),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(download(c, 3), (std::vector<double>{2, 4, 6}));
  ASSERT_EQ(cublasDgeam(h, CUBLAS_OP_N, CUBLAS_OP_N, 4, 1, &zero, c, 4, &zero, c, 4, c, 4),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(download(c, 4), (std::vector<double>{0, 0, 0, 0}));
  EXPECT_EQ(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, ComplexFlagsAreThoseOfCublas) {
  const cublasHandle_t h = handle(s);
  auto* c = reinterpret_cast<cuDoubleComplex*>(device_memory());
  const cuDoubleComplex z{1, 0};
  EXPECT_EQ(cublasZsyrk(h, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_C, 1, 1, &z, c + 1, 1, &z, c, 1),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(cublasZherk(h, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, 1, 1, &one, c + 1, 1, &one, c, 1),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(cublasZherk(h, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_C, 1, 1, &one, c + 1, 1, &zero, c, 1),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, AHandleInTwoStreamsSharesItsWorkspace) {
  const cublasHandle_t h = handle(s);
  double* a = upload({1});
  double* b = upload({1});
  const auto scale = [&](double* x) {
    return cublasDgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, x, 1, x, 1, &zero, x, 1);
  };
  ASSERT_EQ(scale(a), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasSetStream(h, stream()), CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(scale(b), CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(fake_cuda_races(), 1);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  EXPECT_EQ(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, KernelsReachOnlyWhatTheirDeviceReaches) {
  const cublasHandle_t h = handle(s);
  std::vector<double> host{1};
  double* c = upload({1});
  ASSERT_EQ(
      cublasDgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, host.data(), 1, c, 1, &zero, c, 1),
      CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(cudaStreamSynchronize(s), cudaErrorIllegalAddress) << "pageable memory";
  EXPECT_EQ(cublasDgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, c, 1, c, 1, &zero, c, 1),
            CUBLAS_STATUS_EXECUTION_FAILED);
  EXPECT_NE(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, AnotherCurrentDeviceIsAMistake) {
  const cublasHandle_t h = handle(s);
  double* c = upload({1});
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_EQ(cublasDgemm(h, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, c, 1, c, 1, &zero, c, 1),
            CUBLAS_STATUS_EXECUTION_FAILED);
  EXPECT_EQ(cublasSetStream(h, stream()), CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_EQ(cublasDestroy(h), CUBLAS_STATUS_SUCCESS);
}

TEST_F(Cublas, CanBeMissing) {
  fake_cuda_reset("cublas=0");
  cublasHandle_t h = nullptr;
  EXPECT_EQ(cublasCreate(&h), CUBLAS_STATUS_NOT_INITIALIZED);
  fake_cuda_reset("fail=cublasCreate:1:refuse");
  EXPECT_EQ(cublasCreate(&h), CUBLAS_STATUS_ALLOC_FAILED);
}

}  // namespace
}  // namespace blasx::fake_cuda
