// SPDX-License-Identifier: Apache-2.0
// The kernels of the stand-in's cuBLAS: arguments as cuBLAS takes them, checked, turned into an operation that calls the host's
// routine when it runs. Templates over the four types.
#pragma once

#include <complex>
#include <cstring>

#include "tests/fake_cuda/host_routines.hpp"
#include "tests/fake_cuda/launch.hpp"

namespace blasx::fake_cuda {

template <typename T>
cublasStatus_t gemm(const char* function, cublasHandle_t handle, cublasOperation_t ta,
                    cublasOperation_t tb, int m, int n, int k, const T* alpha, const T* a, int lda,
                    const T* b, int ldb, const T* beta, T* c, int ldc) {
  if (!known(ta) || !known(tb)) return CUBLAS_STATUS_INVALID_VALUE;
  const bool na = ta == CUBLAS_OP_N, nb = tb == CUBLAS_OP_N;
  return launch<T>(
      handle, function,
      {{a, lda, na ? m : k, na ? k : m}, {b, ldb, nb ? k : n, nb ? n : k}, {c, ldc, m, n, true}},
      [=, alpha = *alpha, beta = *beta, la = letter(ta), lb = letter(tb)](auto at) {
        using F = void(const char*, const char*, const int*, const int*, const int*, const T*,
                       const void*, const int*, const void*, const int*, const T*, void*,
                       const int*, size_t, size_t);
        auto* f = reinterpret_cast<F*>(host_routine(kLetter<T>, "gemm"));
        f(&la, &lb, &m, &n, &k, &alpha, at[0], &lda, at[1], &ldb, &beta, at[2], &ldc, 1, 1);
      });
}

// symm and hemm.
template <typename T>
cublasStatus_t sided(const char* function, const char* routine, cublasHandle_t handle,
                     cublasSideMode_t side, cublasFillMode_t uplo, int m, int n, const T* alpha,
                     const T* a, int lda, const T* b, int ldb, const T* beta, T* c, int ldc) {
  const int order = side == CUBLAS_SIDE_LEFT ? m : n;
  return launch<T>(
      handle, function, {{a, lda, order, order}, {b, ldb, m, n}, {c, ldc, m, n, true}},
      [=, alpha = *alpha, beta = *beta, ls = letter(side), lu = letter(uplo)](auto at) {
        using F =
            void(const char*, const char*, const int*, const int*, const T*, const void*,
                 const int*, const void*, const int*, const T*, void*, const int*, size_t, size_t);
        auto* f = reinterpret_cast<F*>(host_routine(kLetter<T>, routine));
        f(&ls, &lu, &m, &n, &alpha, at[0], &lda, at[1], &ldb, &beta, at[2], &ldc, 1, 1);
      });
}

// Complex syrk and syr2k take N and T, herk and her2k N and C.
template <typename T>
bool takes(const char* routine, cublasOperation_t trans) {
  const bool hermitian = routine[0] == 'h';
  if (trans == CUBLAS_OP_N) return true;
  if (hermitian) return trans == CUBLAS_OP_C;
  return trans == CUBLAS_OP_T || (trans == CUBLAS_OP_C && !kComplex<T>);
}

// syrk and herk; R is the type of alpha and beta.
template <typename T, typename R>
cublasStatus_t rank_k(const char* function, const char* routine, cublasHandle_t handle,
                      cublasFillMode_t uplo, cublasOperation_t trans, int n, int k, const R* alpha,
                      const T* a, int lda, const R* beta, T* c, int ldc) {
  if (!takes<T>(routine, trans)) return CUBLAS_STATUS_INVALID_VALUE;
  const bool plain = trans == CUBLAS_OP_N;
  return launch<T>(
      handle, function, {{a, lda, plain ? n : k, plain ? k : n}, {c, ldc, n, n, true}},
      [=, alpha = *alpha, beta = *beta, lu = letter(uplo), lt = letter(trans)](auto at) {
        using F = void(const char*, const char*, const int*, const int*, const R*, const void*,
                       const int*, const R*, void*, const int*, size_t, size_t);
        auto* f = reinterpret_cast<F*>(host_routine(kLetter<T>, routine));
        f(&lu, &lt, &n, &k, &alpha, at[0], &lda, &beta, at[1], &ldc, 1, 1);
      });
}

// syr2k and her2k; R is the type of beta.
template <typename T, typename R>
cublasStatus_t rank_2k(const char* function, const char* routine, cublasHandle_t handle,
                       cublasFillMode_t uplo, cublasOperation_t trans, int n, int k, const T* alpha,
                       const T* a, int lda, const T* b, int ldb, const R* beta, T* c, int ldc) {
  if (!takes<T>(routine, trans)) return CUBLAS_STATUS_INVALID_VALUE;
  const bool plain = trans == CUBLAS_OP_N;
  const int rows = plain ? n : k, cols = plain ? k : n;
  return launch<T>(
      handle, function, {{a, lda, rows, cols}, {b, ldb, rows, cols}, {c, ldc, n, n, true}},
      [=, alpha = *alpha, beta = *beta, lu = letter(uplo), lt = letter(trans)](auto at) {
        using F =
            void(const char*, const char*, const int*, const int*, const T*, const void*,
                 const int*, const void*, const int*, const R*, void*, const int*, size_t, size_t);
        auto* f = reinterpret_cast<F*>(host_routine(kLetter<T>, routine));
        f(&lu, &lt, &n, &k, &alpha, at[0], &lda, at[1], &ldb, &beta, at[2], &ldc, 1, 1);
      });
}

// trmm and trsm in place on B, as the host has them.
template <typename T>
struct Triangular {
  const char* routine;
  char side, uplo, trans, diag;
  int m, n;
  T alpha;
  int lda, ldb;

  void operator()(const void* a, void* b) const {
    using F =
        void(const char*, const char*, const char*, const char*, const int*, const int*, const T*,
             const void*, const int*, void*, const int*, size_t, size_t, size_t, size_t);
    auto* f = reinterpret_cast<F*>(host_routine(kLetter<T>, routine));
    f(&side, &uplo, &trans, &diag, &m, &n, &alpha, a, &lda, b, &ldb, 1, 1, 1, 1);
  }
};

// cuBLAS's trmm leaves B alone and writes C, which may be B.
template <typename T>
cublasStatus_t trmm(const char* function, cublasHandle_t handle, cublasSideMode_t side,
                    cublasFillMode_t uplo, cublasOperation_t trans, cublasDiagType_t diag, int m,
                    int n, const T* alpha, const T* a, int lda, const T* b, int ldb, T* c,
                    int ldc) {
  if (!known(trans)) return CUBLAS_STATUS_INVALID_VALUE;
  const int order = side == CUBLAS_SIDE_LEFT ? m : n;
  const Triangular<T> in_place{
      "trmm", letter(side), letter(uplo), letter(trans), letter(diag), m, n, *alpha, lda, ldc};
  return launch<T>(handle, function, {{a, lda, order, order}, {b, ldb, m, n}, {c, ldc, m, n, true}},
                   [=](auto at) {
                     const auto row = static_cast<size_t>(m) * sizeof(T);
                     for (int j = 0; at[1] != at[2] && j < n; ++j) {
                       const auto from = static_cast<size_t>(j) * static_cast<size_t>(ldb);
                       const auto to = static_cast<size_t>(j) * static_cast<size_t>(ldc);
                       std::memcpy(at[2] + to * sizeof(T), at[1] + from * sizeof(T), row);
                     }
                     in_place(at[0], at[2]);
                   });
}

template <typename T>
cublasStatus_t trsm(const char* function, cublasHandle_t handle, cublasSideMode_t side,
                    cublasFillMode_t uplo, cublasOperation_t trans, cublasDiagType_t diag, int m,
                    int n, const T* alpha, const T* a, int lda, T* b, int ldb) {
  if (!known(trans)) return CUBLAS_STATUS_INVALID_VALUE;
  const int order = side == CUBLAS_SIDE_LEFT ? m : n;
  const Triangular<T> in_place{
      "trsm", letter(side), letter(uplo), letter(trans), letter(diag), m, n, *alpha, lda, ldb};
  return launch<T>(handle, function, {{a, lda, order, order}, {b, ldb, m, n, true}},
                   [=](auto at) { in_place(at[0], at[1]); });
}

template <typename T>
using Number = std::conditional_t<
    kComplex<T>, std::complex<std::conditional_t<std::is_same_v<T, cuComplex>, float, double>>, T>;

template <typename T>
Number<T> element(const std::byte* m, int ld, cublasOperation_t op, int i, int j) {
  const auto* x = reinterpret_cast<const Number<T>*>(m);
  const int64_t at = op == CUBLAS_OP_N ? i + int64_t{j} * ld : j + int64_t{i} * ld;
  if constexpr (kComplex<T>) return op == CUBLAS_OP_C ? std::conj(x[at]) : x[at];
  return x[at];
}

// C = alpha op(A) + beta op(B); what is multiplied by 0 is not read.
template <typename T>
cublasStatus_t geam(const char* function, cublasHandle_t handle, cublasOperation_t ta,
                    cublasOperation_t tb, int m, int n, const T* alpha, const T* a, int lda,
                    const T* beta, const T* b, int ldb, T* c, int ldc) {
  if (!known(ta) || !known(tb)) return CUBLAS_STATUS_INVALID_VALUE;
  using N = Number<T>;
  const N x = *reinterpret_cast<const N*>(alpha), y = *reinterpret_cast<const N*>(beta);
  const auto operand = [&](const T* data, int ld, cublasOperation_t op, N factor) {
    const bool plain = op == CUBLAS_OP_N;
    if (factor == N(0)) return Operand<T>{nullptr, 1, 0, 0};
    return Operand<T>{data, ld, plain ? m : n, plain ? n : m};
  };
  return launch<T>(handle, function,
                   {operand(a, lda, ta, x), operand(b, ldb, tb, y), {c, ldc, m, n, true}},
                   [=](auto at) {
                     auto* out = reinterpret_cast<N*>(at[2]);
                     for (int j = 0; j < n; ++j) {
                       for (int i = 0; i < m; ++i) {
                         N sum(0);
                         if (x != N(0)) sum += x * element<T>(at[0], lda, ta, i, j);
                         if (y != N(0)) sum += y * element<T>(at[1], ldb, tb, i, j);
                         out[i + int64_t{j} * ldc] = sum;
                       }
                     }
                   });
}

}  // namespace blasx::fake_cuda
