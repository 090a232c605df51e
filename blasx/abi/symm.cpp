// SPDX-License-Identifier: Apache-2.0
// symm and hemm.
#include "blasx/abi/entry.hpp"
#include "blasx/abi/stamp.hpp"

namespace blasx::abi {
namespace {

#define BLASX_FORTRAN_SYMM(...)                                                       \
  const char *side, const char *uplo, const __VA_ARGS__ I *m, const __VA_ARGS__ I *n, \
      const __VA_ARGS__ A *alpha, const __VA_ARGS__ E *a, const __VA_ARGS__ I *lda,   \
      const __VA_ARGS__ E *b, const __VA_ARGS__ I *ldb, const __VA_ARGS__ B *beta,    \
      __VA_ARGS__ E *c, const __VA_ARGS__ I *ldc, size_t side_length, size_t uplo_length
#define BLASX_FORTRAN_SYMM_ARGUMENTS \
  side, uplo, m, n, alpha, a, lda, b, ldb, beta, c, ldc, side_length, uplo_length
#define BLASX_CBLAS_SYMM(...)                                                               \
  int layout, int side, int uplo, __VA_ARGS__ I m, __VA_ARGS__ I n, __VA_ARGS__ A alpha,    \
      const __VA_ARGS__ E *a, __VA_ARGS__ I lda, const __VA_ARGS__ E *b, __VA_ARGS__ I ldb, \
      __VA_ARGS__ B beta, __VA_ARGS__ E *c, __VA_ARGS__ I ldc
#define BLASX_CBLAS_SYMM_ARGUMENTS layout, side, uplo, m, n, alpha, a, lda, b, ldb, beta, c, ldc

template <Face F, Routine R, Type T, Name N>
struct FortranSymm {
  using I = Int<F>;
  using E = Element<T>;
  using A = FortranFactor<kRealAlpha<R, T>, T>;
  using B = FortranFactor<kRealBeta<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(const char* side, const char* uplo, const I* m, const I* n,
                                         const I* lda, const I* ldb, const I* ldc) {
    Shape s;
    s.bad_flag = !is_one_of(side, 'l', 'r') ? 1 : !is_one_of(uplo, 'u', 'l') ? 2 : 0;
    s.side = side_of(side);
    s.uplo = uplo_of(uplo);
    s.m = *m;
    s.n = *n;
    s.lda = *lda;
    s.ldb = *ldb;
    s.ldc = *ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_SYMM()) noexcept {
    if (const Function f = host_if_small<F, R, T>(shape(side, uplo, m, n, lda, ldb, ldc)))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_SYMM_ARGUMENTS);
    return slow(BLASX_FORTRAN_SYMM_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_FORTRAN_SYMM()) noexcept {
    const Shape s = shape(side, uplo, m, n, lda, ldb, ldc);
    if (const int error = first_error<R>(s)) return report_argument({F, T, N, BLASX_CALLER}, error);
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = a;
    x.b = b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_SYMM_ARGUMENTS); });
  }
};

template <Face F, Routine R, Type T, Name N>
struct CblasSymm {
  using I = Int<F>;
  using E = Element<T>;
  using A = CblasFactor<kRealAlpha<R, T>, T>;
  using B = CblasFactor<kRealBeta<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(int layout, int side, int uplo, I m, I n, I lda, I ldb,
                                         I ldc) {
    const bool row_major = layout == kRowMajor;
    Shape s;
    s.bad_flag = !is_layout(layout) ? -1 : !is_side(side) ? -2 : !is_uplo(uplo) ? -3 : 0;
    s.side = side_of(side, row_major);
    s.uplo = uplo_of(uplo, row_major);
    s.m = row_major ? n : m;
    s.n = row_major ? m : n;
    s.lda = lda;
    s.ldb = ldb;
    s.ldc = ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_SYMM()) noexcept {
    const Shape s = shape(layout, side, uplo, m, n, lda, ldb, ldc);
    if (const Function f = host_if_small<F, R, T>(s))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_SYMM_ARGUMENTS);
    return slow(BLASX_CBLAS_SYMM_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_CBLAS_SYMM()) noexcept {
    const Shape s = shape(layout, side, uplo, m, n, lda, ldb, ldc);
    const bool row_major = layout == kRowMajor;
    if (const int error = first_error<R>(s))
      return report_cblas({F, T, N, BLASX_CALLER, row_major}, error,
                          {{"layout", layout}, {"Side", side}, {"Uplo", uplo}});
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = a;
    x.b = b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_SYMM_ARGUMENTS); });
  }
};

}  // namespace
}  // namespace blasx::abi

#define BLASX_STAMP_FORTRAN(face, symbol, T, Name, R)                              \
  BLASX_EXPORT void symbol(                                                        \
      BLASX_FORTRAN_SYMM(BLASX_BODY(FortranSymm, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(FortranSymm, face, T, R, Name)::call(BLASX_FORTRAN_SYMM_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T, Name, R)                                                \
  BLASX_EXPORT void symbol(BLASX_CBLAS_SYMM(BLASX_BODY(CblasSymm, face, T, R, Name)::)) noexcept { \
    BLASX_BODY(CblasSymm, face, T, R, Name)::call(BLASX_CBLAS_SYMM_ARGUMENTS);                     \
  }
#define BLASX_SYMM(s, S, name, Name, Routine)                                      \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S, Name, Routine) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S, Name, Routine)
#include "blasx/blas.def"
