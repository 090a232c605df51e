// SPDX-License-Identifier: Apache-2.0
// Entry points of the stand-in's cuBLAS.
#include "tests/fake_cuda/kernels.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

// A call on a handle that launches nothing.
cublasStatus_t admitted(const char* function, cublasHandle_t handle) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  return fake_cuda_admit(function, handle->device) == cudaSuccess ? CUBLAS_STATUS_SUCCESS
                                                                  : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  if (fake_cuda_admit("cublasCreate", -1) != cudaSuccess) return CUBLAS_STATUS_ALLOC_FAILED;
  if (fake_cuda_cublas_version() == 0) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = new cublasContext{fake_cuda_current_device()};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  const cublasStatus_t status = admitted("cublasDestroy", handle);
  delete handle;
  return status;
}

cublasStatus_t cublasGetVersion_v2(cublasHandle_t /*handle*/, int* version) {
  constexpr int kMajor = 10000;
  *version = fake_cuda_cublas_version() * kMajor;
  return CUBLAS_STATUS_SUCCESS;
}

// A stream brings cuBLAS's own workspace back.
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  const cublasStatus_t status = admitted("cublasSetStream", handle);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  if (fake_cuda_device_of(stream, handle->device) != handle->device) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  handle->stream = stream;
  handle->workspace = nullptr;
  return status;
}

cublasStatus_t cublasGetStream_v2(cublasHandle_t handle, cudaStream_t* stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *stream = handle->stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
  const cublasStatus_t status = admitted("cublasSetWorkspace", handle);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  constexpr uintptr_t kAlignment = 256;
  if (reinterpret_cast<uintptr_t>(workspace) % kAlignment != 0) return CUBLAS_STATUS_INVALID_VALUE;
  handle->workspace = workspace;
  handle->workspace_bytes = bytes;
  return status;
}

cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode) {
  const cublasStatus_t status = admitted("cublasSetPointerMode", handle);
  if (status == CUBLAS_STATUS_SUCCESS) {
    handle->scalars_on_device = mode == CUBLAS_POINTER_MODE_DEVICE;
  }
  return status;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t /*mode*/) {
  return admitted("cublasSetMathMode", handle);
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED:
      return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    default:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}
const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

#define FAKE_CUBLAS_DEFINE(L, T)                                                                  \
  cublasStatus_t cublas##L##gemm_v2 FAKE_CUBLAS_PRODUCT_PARAMETERS(T) {                           \
    return gemm<T>("cublas" #L "gemm", handle, transa, transb, m, n, k, alpha, a, lda, b, ldb,    \
                   beta, c, ldc);                                                                 \
  }                                                                                               \
  cublasStatus_t cublas##L##symm_v2 FAKE_CUBLAS_SIDED_PARAMETERS(T) {                             \
    return sided<T>("cublas" #L "symm", "symm", handle, side, uplo, m, n, alpha, a, lda, b, ldb,  \
                    beta, c, ldc);                                                                \
  }                                                                                               \
  cublasStatus_t cublas##L##syrk_v2 FAKE_CUBLAS_RANK_K_PARAMETERS(T, T, T) {                      \
    return rank_k<T, T>("cublas" #L "syrk", "syrk", handle, uplo, trans, n, k, alpha, a, lda,     \
                        beta, c, ldc);                                                            \
  }                                                                                               \
  cublasStatus_t cublas##L##syr2k_v2 FAKE_CUBLAS_RANK_2K_PARAMETERS(T, T) {                       \
    return rank_2k<T, T>("cublas" #L "syr2k", "syr2k", handle, uplo, trans, n, k, alpha, a, lda,  \
                         b, ldb, beta, c, ldc);                                                   \
  }                                                                                               \
  cublasStatus_t cublas##L##trmm_v2 FAKE_CUBLAS_TRMM_PARAMETERS(T) {                              \
    return trmm<T>("cublas" #L "trmm", handle, side, uplo, trans, diag, m, n, alpha, a, lda, b,   \
                   ldb, c, ldc);                                                                  \
  }                                                                                               \
  cublasStatus_t cublas##L##trsm_v2 FAKE_CUBLAS_TRSM_PARAMETERS(T) {                              \
    return trsm<T>("cublas" #L "trsm", handle, side, uplo, trans, diag, m, n, alpha, a, lda, b,   \
                   ldb);                                                                          \
  }                                                                                               \
  cublasStatus_t cublas##L##geam FAKE_CUBLAS_GEAM_PARAMETERS(T) {                                 \
    return geam<T>("cublas" #L "geam", handle, transa, transb, m, n, alpha, a, lda, beta, b, ldb, \
                   c, ldc);                                                                       \
  }
#define FAKE_CUBLAS_DEFINE_COMPLEX(L, T, R)                                                      \
  cublasStatus_t cublas##L##hemm_v2 FAKE_CUBLAS_SIDED_PARAMETERS(T) {                            \
    return sided<T>("cublas" #L "hemm", "hemm", handle, side, uplo, m, n, alpha, a, lda, b, ldb, \
                    beta, c, ldc);                                                               \
  }                                                                                              \
  cublasStatus_t cublas##L##herk_v2 FAKE_CUBLAS_RANK_K_PARAMETERS(T, R, R) {                     \
    return rank_k<T, R>("cublas" #L "herk", "herk", handle, uplo, trans, n, k, alpha, a, lda,    \
                        beta, c, ldc);                                                           \
  }                                                                                              \
  cublasStatus_t cublas##L##her2k_v2 FAKE_CUBLAS_RANK_2K_PARAMETERS(T, R) {                      \
    return rank_2k<T, R>("cublas" #L "her2k", "her2k", handle, uplo, trans, n, k, alpha, a, lda, \
                         b, ldb, beta, c, ldc);                                                  \
  }

FAKE_CUBLAS_DEFINE(S, float)
FAKE_CUBLAS_DEFINE(D, double)
FAKE_CUBLAS_DEFINE(C, cuComplex)
FAKE_CUBLAS_DEFINE(Z, cuDoubleComplex)
FAKE_CUBLAS_DEFINE_COMPLEX(C, cuComplex, float)
FAKE_CUBLAS_DEFINE_COMPLEX(Z, cuDoubleComplex, double)

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
