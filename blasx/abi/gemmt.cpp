// SPDX-License-Identifier: Apache-2.0
// gemmt, under its two names.
#include "blasx/abi/entry.hpp"
#include "blasx/abi/stamp.hpp"

namespace blasx::abi {
namespace {

#define BLASX_FORTRAN_GEMMT(...)                                                                 \
  const char *uplo, const char *transa, const char *transb, const __VA_ARGS__ I *n,              \
      const __VA_ARGS__ I *k, const __VA_ARGS__ A *alpha, const __VA_ARGS__ E *a,                \
      const __VA_ARGS__ I *lda, const __VA_ARGS__ E *b, const __VA_ARGS__ I *ldb,                \
      const __VA_ARGS__ B *beta, __VA_ARGS__ E *c, const __VA_ARGS__ I *ldc, size_t uplo_length, \
      size_t transa_length, size_t transb_length
#define BLASX_FORTRAN_GEMMT_ARGUMENTS                                                          \
  uplo, transa, transb, n, k, alpha, a, lda, b, ldb, beta, c, ldc, uplo_length, transa_length, \
      transb_length
#define BLASX_CBLAS_GEMMT(...)                                                                \
  int layout, int uplo, int transa, int transb, __VA_ARGS__ I n, __VA_ARGS__ I k,             \
      __VA_ARGS__ A alpha, const __VA_ARGS__ E *a, __VA_ARGS__ I lda, const __VA_ARGS__ E *b, \
      __VA_ARGS__ I ldb, __VA_ARGS__ B beta, __VA_ARGS__ E *c, __VA_ARGS__ I ldc
#define BLASX_CBLAS_GEMMT_ARGUMENTS \
  layout, uplo, transa, transb, n, k, alpha, a, lda, b, ldb, beta, c, ldc

template <Face F, Routine R, Type T, Name N>
struct FortranGemmt {
  using I = Int<F>;
  using E = Element<T>;
  using A = FortranFactor<kRealAlpha<R, T>, T>;
  using B = FortranFactor<kRealBeta<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(const char* uplo, const char* transa, const char* transb,
                                         const I* n, const I* k, const I* lda, const I* ldb,
                                         const I* ldc) {
    Shape s;
    s.bad_flag = !is_one_of(uplo, 'u', 'l') ? 1
                 : !is_any_op(transa)       ? 2
                 : !is_any_op(transb)       ? 3
                                            : 0;
    s.uplo = uplo_of(uplo);
    s.trans_a = op_of(transa);
    s.trans_b = op_of(transb);
    s.m = *n;
    s.n = *n;
    s.k = *k;
    s.lda = *lda;
    s.ldb = *ldb;
    s.ldc = *ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_GEMMT()) noexcept {
    if (const Function f = host_if_small<F, R, T>(shape(uplo, transa, transb, n, k, lda, ldb, ldc)))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_GEMMT_ARGUMENTS);
    return slow(BLASX_FORTRAN_GEMMT_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_FORTRAN_GEMMT()) noexcept {
    const Shape s = shape(uplo, transa, transb, n, k, lda, ldb, ldc);
    if (const int error = first_error<R>(s)) return report_argument({F, T, N, BLASX_CALLER}, error);
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = a;
    x.b = b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_GEMMT_ARGUMENTS); });
  }
};

template <Face F, Routine R, Type T, Name N>
struct CblasGemmt {
  using I = Int<F>;
  using E = Element<T>;
  using A = CblasFactor<kRealAlpha<R, T>, T>;
  using B = CblasFactor<kRealBeta<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(int layout, int uplo, int transa, int transb, I n, I k,
                                         I lda, I ldb, I ldc) {
    const bool row_major = layout == kRowMajor;
    Shape s;
    s.bad_flag = !is_layout(layout) ? -1
                 : !is_uplo(uplo)   ? -2
                 : !is_op(transa)   ? -3
                 : !is_op(transb)   ? -4
                                    : 0;
    s.uplo = uplo_of(uplo, row_major);
    s.trans_a = op_of(row_major ? transb : transa);
    s.trans_b = op_of(row_major ? transa : transb);
    s.m = n;
    s.n = n;
    s.k = k;
    s.lda = row_major ? ldb : lda;
    s.ldb = row_major ? lda : ldb;
    s.ldc = ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_GEMMT()) noexcept {
    const Shape s = shape(layout, uplo, transa, transb, n, k, lda, ldb, ldc);
    if (const Function f = host_if_small<F, R, T>(s))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_GEMMT_ARGUMENTS);
    return slow(BLASX_CBLAS_GEMMT_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_CBLAS_GEMMT()) noexcept {
    const Shape s = shape(layout, uplo, transa, transb, n, k, lda, ldb, ldc);
    const bool row_major = layout == kRowMajor;
    if (const int error = first_error<R>(s))
      return report_cblas(
          {F, T, N, BLASX_CALLER, row_major}, error,
          {{"layout", layout}, {"Uplo", uplo}, {"TransA", transa}, {"TransB", transb}});
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = row_major ? b : a;
    x.b = row_major ? a : b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_GEMMT_ARGUMENTS); });
  }
};

}  // namespace
}  // namespace blasx::abi

#define BLASX_STAMP_FORTRAN(face, symbol, T, Name, R)                                \
  BLASX_EXPORT void symbol(                                                          \
      BLASX_FORTRAN_GEMMT(BLASX_BODY(FortranGemmt, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(FortranGemmt, face, T, R, Name)::call(BLASX_FORTRAN_GEMMT_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T, Name, R)                              \
  BLASX_EXPORT void symbol(                                                      \
      BLASX_CBLAS_GEMMT(BLASX_BODY(CblasGemmt, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(CblasGemmt, face, T, R, Name)::call(BLASX_CBLAS_GEMMT_ARGUMENTS); \
  }
#define BLASX_GEMMT(s, S, name, Name, Routine)                                     \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S, Name, Routine) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S, Name, Routine)
#include "blasx/blas.def"
