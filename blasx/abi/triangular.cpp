// SPDX-License-Identifier: Apache-2.0
// trmm and trsm. BLAS calls B what the normal form calls C.
#include "blasx/abi/entry.hpp"
#include "blasx/abi/stamp.hpp"

namespace blasx::abi {
namespace {

#define BLASX_FORTRAN_TRIANGULAR(...)                                                         \
  const char *side, const char *uplo, const char *transa, const char *diag,                   \
      const __VA_ARGS__ I *m, const __VA_ARGS__ I *n, const __VA_ARGS__ A *alpha,             \
      const __VA_ARGS__ E *a, const __VA_ARGS__ I *lda, __VA_ARGS__ E *b,                     \
      const __VA_ARGS__ I *ldb, size_t side_length, size_t uplo_length, size_t transa_length, \
      size_t diag_length
#define BLASX_FORTRAN_TRIANGULAR_ARGUMENTS                                                        \
  side, uplo, transa, diag, m, n, alpha, a, lda, b, ldb, side_length, uplo_length, transa_length, \
      diag_length
#define BLASX_CBLAS_TRIANGULAR(...)                                                       \
  int layout, int side, int uplo, int transa, int diag, __VA_ARGS__ I m, __VA_ARGS__ I n, \
      __VA_ARGS__ A alpha, const __VA_ARGS__ E *a, __VA_ARGS__ I lda, __VA_ARGS__ E *b,   \
      __VA_ARGS__ I ldb
#define BLASX_CBLAS_TRIANGULAR_ARGUMENTS \
  layout, side, uplo, transa, diag, m, n, alpha, a, lda, b, ldb

template <Face F, Routine R, Type T, Name N>
struct FortranTriangular {
  using I = Int<F>;
  using E = Element<T>;
  using A = FortranFactor<kRealAlpha<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(const char* side, const char* uplo, const char* transa,
                                         const char* diag, const I* m, const I* n, const I* lda,
                                         const I* ldb) {
    Shape s;
    s.bad_flag = !is_one_of(side, 'l', 'r')   ? 1
                 : !is_one_of(uplo, 'u', 'l') ? 2
                 : !is_any_op(transa)         ? 3
                 : !is_one_of(diag, 'u', 'n') ? 4
                                              : 0;
    s.side = side_of(side);
    s.uplo = uplo_of(uplo);
    s.trans_a = op_of(transa);
    s.diag = diag_of(diag);
    s.m = *m;
    s.n = *n;
    s.lda = *lda;
    s.ldc = *ldb;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_TRIANGULAR()) noexcept {
    if (const Function f = host_if_small<F, R, T>(shape(side, uplo, transa, diag, m, n, lda, ldb)))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_TRIANGULAR_ARGUMENTS);
    return slow(BLASX_FORTRAN_TRIANGULAR_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_FORTRAN_TRIANGULAR()) noexcept {
    const Shape s = shape(side, uplo, transa, diag, m, n, lda, ldb);
    if (const int error = first_error<R>(s)) return report_argument({F, T, N, BLASX_CALLER}, error);
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.a = a;
    x.c = b;
    run(x, F, [&](Function f) {
      reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_TRIANGULAR_ARGUMENTS);
    });
  }
};

template <Face F, Routine R, Type T, Name N>
struct CblasTriangular {
  using I = Int<F>;
  using E = Element<T>;
  using A = CblasFactor<kRealAlpha<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(int layout, int side, int uplo, int transa, int diag, I m,
                                         I n, I lda, I ldb) {
    const bool row_major = layout == kRowMajor;
    Shape s;
    s.bad_flag = !is_layout(layout) ? -1
                 : !is_side(side)   ? -2
                 : !is_uplo(uplo)   ? -3
                 : !is_op(transa)   ? -4
                 : !is_diag(diag)   ? -5
                                    : 0;
    s.side = side_of(side, row_major);
    s.uplo = uplo_of(uplo, row_major);
    s.trans_a = op_of(transa);
    s.diag = diag_of(diag);
    s.m = row_major ? n : m;
    s.n = row_major ? m : n;
    s.lda = lda;
    s.ldc = ldb;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_TRIANGULAR()) noexcept {
    const Shape s = shape(layout, side, uplo, transa, diag, m, n, lda, ldb);
    if (const Function f = host_if_small<F, R, T>(s))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_TRIANGULAR_ARGUMENTS);
    return slow(BLASX_CBLAS_TRIANGULAR_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_CBLAS_TRIANGULAR()) noexcept {
    const Shape s = shape(layout, side, uplo, transa, diag, m, n, lda, ldb);
    const bool row_major = layout == kRowMajor;
    if (const int error = first_error<R>(s))
      return report_cblas(
          {F, T, N, BLASX_CALLER, row_major}, error,
          {{"layout", layout}, {"Side", side}, {"Uplo", uplo}, {"Trans", transa}, {"Diag", diag}});
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.a = a;
    x.c = b;
    run(x, F, [&](Function f) {
      reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_TRIANGULAR_ARGUMENTS);
    });
  }
};

}  // namespace
}  // namespace blasx::abi

#define BLASX_STAMP_FORTRAN(face, symbol, T, Name, R)                                          \
  BLASX_EXPORT void symbol(                                                                    \
      BLASX_FORTRAN_TRIANGULAR(BLASX_BODY(FortranTriangular, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(FortranTriangular, face, T, R, Name)::call(BLASX_FORTRAN_TRIANGULAR_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T, Name, R)                                        \
  BLASX_EXPORT void symbol(                                                                \
      BLASX_CBLAS_TRIANGULAR(BLASX_BODY(CblasTriangular, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(CblasTriangular, face, T, R, Name)::call(BLASX_CBLAS_TRIANGULAR_ARGUMENTS); \
  }
#define BLASX_TRIANGULAR(s, S, name, Name, Routine)                                \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S, Name, Routine) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S, Name, Routine)
#include "blasx/blas.def"
