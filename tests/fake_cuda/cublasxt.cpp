// SPDX-License-Identifier: Apache-2.0
// The part of cuBLASXt that the benchmark calls its peers by, so that the benchmark can be tried where there is none: on the host's
// memory, at once, by the host's routines. Nothing of libblasx calls it.
#include <type_traits>

#include "cublas_v2.h"
#include "tests/fake_cuda/host_routines.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

using Handle = void*;
using N = size_t;
using Op = cublasOperation_t;
using Side = cublasSideMode_t;
using Uplo = cublasFillMode_t;
using Diag = cublasDiagType_t;

template <typename T>
constexpr char kLetter = std::is_same_v<T, float> ? 's' : 'd';

char op(Op o) { return "NTC"[o]; }
char side(Side s) { return s == CUBLAS_SIDE_LEFT ? 'L' : 'R'; }
char uplo(Uplo u) { return u == CUBLAS_FILL_MODE_UPPER ? 'U' : 'L'; }
char diag(Diag d) { return d == CUBLAS_DIAG_UNIT ? 'U' : 'N'; }

// A Fortran argument for each of ours: characters, sizes as int, the rest by address.
struct Text {
  char value;
};
const char* argument(const Text& t) { return &t.value; }
struct Size {
  explicit Size(N n) : value(static_cast<int>(n)) {}
  int value;
};
const int* argument(const Size& s) { return &s.value; }
template <typename T>
T* argument(T* p) {
  return p;
}

template <typename T, typename... Arguments>
cublasStatus_t at_once(const char* routine, const Arguments&... arguments) {
  using Function = void(decltype(argument(arguments))..., N, N, N, N);
  reinterpret_cast<Function*>(host_routine(kLetter<T>, routine))(argument(arguments)..., 1, 1, 1,
                                                                 1);
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cublasStatus_t cublasXtCreate(Handle* handle) {
  static int any;
  *handle = &any;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasXtDestroy(Handle /*handle*/) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasXtDeviceSelect(Handle /*handle*/, int count, int* /*numbers*/) {
  return count == 1 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasXtSetBlockDim(Handle /*handle*/, int edge) {
  return edge > 0 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasXtSetPinningMemMode(Handle /*handle*/, int mode) {
  return mode == 0 || mode == 1 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

#define FAKE_CUBLASXT(L, T)                                                                        \
  cublasStatus_t cublasXt##L##gemm(Handle, Op ta, Op tb, N m, N n, N k, const T* alpha,            \
                                   const T* a, N lda, const T* b, N ldb, const T* beta, T* c,      \
                                   N ldc) {                                                        \
    return at_once<T>("gemm", Text{op(ta)}, Text{op(tb)}, Size(m), Size(n), Size(k), alpha, a,     \
                      Size(lda), b, Size(ldb), beta, c, Size(ldc));                                \
  }                                                                                                \
  cublasStatus_t cublasXt##L##symm(Handle, Side s, Uplo u, N m, N n, const T* alpha, const T* a,   \
                                   N lda, const T* b, N ldb, const T* beta, T* c, N ldc) {         \
    return at_once<T>("symm", Text{side(s)}, Text{uplo(u)}, Size(m), Size(n), alpha, a, Size(lda), \
                      b, Size(ldb), beta, c, Size(ldc));                                           \
  }                                                                                                \
  cublasStatus_t cublasXt##L##syrk(Handle, Uplo u, Op t, N n, N k, const T* alpha, const T* a,     \
                                   N lda, const T* beta, T* c, N ldc) {                            \
    return at_once<T>("syrk", Text{uplo(u)}, Text{op(t)}, Size(n), Size(k), alpha, a, Size(lda),   \
                      beta, c, Size(ldc));                                                         \
  }                                                                                                \
  cublasStatus_t cublasXt##L##syr2k(Handle, Uplo u, Op t, N n, N k, const T* alpha, const T* a,    \
                                    N lda, const T* b, N ldb, const T* beta, T* c, N ldc) {        \
    return at_once<T>("syr2k", Text{uplo(u)}, Text{op(t)}, Size(n), Size(k), alpha, a, Size(lda),  \
                      b, Size(ldb), beta, c, Size(ldc));                                           \
  }                                                                                                \
  cublasStatus_t cublasXt##L##trmm(Handle, Side s, Uplo u, Op t, Diag d, N m, N n, const T* alpha, \
                                   const T* a, N lda, const T* b, N ldb, T* c, N ldc) {            \
    if (b != c || ldb != ldc) return CUBLAS_STATUS_NOT_SUPPORTED;                                  \
    return at_once<T>("trmm", Text{side(s)}, Text{uplo(u)}, Text{op(t)}, Text{diag(d)}, Size(m),   \
                      Size(n), alpha, a, Size(lda), c, Size(ldc));                                 \
  }                                                                                                \
  cublasStatus_t cublasXt##L##trsm(Handle, Side s, Uplo u, Op t, Diag d, N m, N n, const T* alpha, \
                                   const T* a, N lda, T* b, N ldb) {                               \
    return at_once<T>("trsm", Text{side(s)}, Text{uplo(u)}, Text{op(t)}, Text{diag(d)}, Size(m),   \
                      Size(n), alpha, a, Size(lda), b, Size(ldb));                                 \
  }
FAKE_CUBLASXT(S, float)
FAKE_CUBLASXT(D, double)

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
