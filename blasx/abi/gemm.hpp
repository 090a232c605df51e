// SPDX-License-Identifier: Apache-2.0
// gemm as its faces call it; the batches are made of it. No state.
#pragma once

#include "blasx/abi/entry.hpp"

namespace blasx::abi {

// Parameters and arguments, written once for the template, the exported function and the host's.
#define BLASX_FORTRAN_GEMM(...)                                                                    \
  const char *transa, const char *transb, const __VA_ARGS__ I *m, const __VA_ARGS__ I *n,          \
      const __VA_ARGS__ I *k, const __VA_ARGS__ E *alpha, const __VA_ARGS__ E *a,                  \
      const __VA_ARGS__ I *lda, const __VA_ARGS__ E *b, const __VA_ARGS__ I *ldb,                  \
      const __VA_ARGS__ E *beta, __VA_ARGS__ E *c, const __VA_ARGS__ I *ldc, size_t transa_length, \
      size_t transb_length
#define BLASX_FORTRAN_GEMM_ARGUMENTS \
  transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, transa_length, transb_length

#define BLASX_CBLAS_GEMM(...)                                                                 \
  int layout, int transa, int transb, __VA_ARGS__ I m, __VA_ARGS__ I n, __VA_ARGS__ I k,      \
      __VA_ARGS__ A alpha, const __VA_ARGS__ E *a, __VA_ARGS__ I lda, const __VA_ARGS__ E *b, \
      __VA_ARGS__ I ldb, __VA_ARGS__ A beta, __VA_ARGS__ E *c, __VA_ARGS__ I ldc
#define BLASX_CBLAS_GEMM_ARGUMENTS \
  layout, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc

template <Face F, Routine R, Type T, Name N>
struct FortranGemm {
  using I = Int<F>;
  using E = Element<T>;

  BLASX_ALWAYS_INLINE static Shape shape(const char* transa, const char* transb, const I* m,
                                         const I* n, const I* k, const I* lda, const I* ldb,
                                         const I* ldc) {
    Shape s;
    s.bad_flag = !is_any_op(transa) ? 1 : !is_any_op(transb) ? 2 : 0;
    s.trans_a = op_of(transa);
    s.trans_b = op_of(transb);
    s.m = *m;
    s.n = *n;
    s.k = *k;
    s.lda = *lda;
    s.ldb = *ldb;
    s.ldc = *ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_GEMM()) noexcept {
    if (const Function f = host_if_small<F, R, T>(shape(transa, transb, m, n, k, lda, ldb, ldc)))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_GEMM_ARGUMENTS);
    return slow(BLASX_FORTRAN_GEMM_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_FORTRAN_GEMM()) noexcept {
    const Shape s = shape(transa, transb, m, n, k, lda, ldb, ldc);
    if (const int error = first_error<R>(s)) return report_argument({F, T, N, BLASX_CALLER}, error);
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = a;
    x.b = b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_GEMM_ARGUMENTS); });
  }
};

template <Face F, Routine R, Type T, Name N>
struct CblasGemm {
  using I = Int<F>;
  using E = Element<T>;
  using A = CblasFactor<kRealAlpha<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(int layout, int transa, int transb, I m, I n, I k, I lda,
                                         I ldb, I ldc) {
    const bool row_major = layout == kRowMajor;
    Shape s;
    s.bad_flag = !is_layout(layout) ? -1 : !is_op(transa) ? -2 : !is_op(transb) ? -3 : 0;
    s.trans_a = op_of(row_major ? transb : transa);
    s.trans_b = op_of(row_major ? transa : transb);
    s.m = row_major ? n : m;
    s.n = row_major ? m : n;
    s.k = k;
    s.lda = row_major ? ldb : lda;
    s.ldb = row_major ? lda : ldb;
    s.ldc = ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_GEMM()) noexcept {
    const Shape s = shape(layout, transa, transb, m, n, k, lda, ldb, ldc);
    if (const Function f = host_if_small<F, R, T>(s))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_GEMM_ARGUMENTS);
    return slow(BLASX_CBLAS_GEMM_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_CBLAS_GEMM()) noexcept {
    const Shape s = shape(layout, transa, transb, m, n, k, lda, ldb, ldc);
    const bool row_major = layout == kRowMajor;
    if (const int error = first_error<R>(s)) {
      return report_cblas({F, T, N, BLASX_CALLER, row_major}, error,
                          {{"layout", layout}, {"TransA", transa}, {"TransB", transb}});
    }
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = row_major ? b : a;
    x.b = row_major ? a : b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_GEMM_ARGUMENTS); });
  }
};

}  // namespace blasx::abi
