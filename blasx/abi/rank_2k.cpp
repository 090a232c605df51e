// SPDX-License-Identifier: Apache-2.0
// syr2k and her2k.
#include "blasx/abi/entry.hpp"
#include "blasx/abi/stamp.hpp"

namespace blasx::abi {
namespace {

#define BLASX_FORTRAN_RANK_2K(...)                                                     \
  const char *uplo, const char *trans, const __VA_ARGS__ I *n, const __VA_ARGS__ I *k, \
      const __VA_ARGS__ A *alpha, const __VA_ARGS__ E *a, const __VA_ARGS__ I *lda,    \
      const __VA_ARGS__ E *b, const __VA_ARGS__ I *ldb, const __VA_ARGS__ B *beta,     \
      __VA_ARGS__ E *c, const __VA_ARGS__ I *ldc, size_t uplo_length, size_t trans_length
#define BLASX_FORTRAN_RANK_2K_ARGUMENTS \
  uplo, trans, n, k, alpha, a, lda, b, ldb, beta, c, ldc, uplo_length, trans_length
#define BLASX_CBLAS_RANK_2K(...)                                                            \
  int layout, int uplo, int trans, __VA_ARGS__ I n, __VA_ARGS__ I k, __VA_ARGS__ A alpha,   \
      const __VA_ARGS__ E *a, __VA_ARGS__ I lda, const __VA_ARGS__ E *b, __VA_ARGS__ I ldb, \
      __VA_ARGS__ B beta, __VA_ARGS__ E *c, __VA_ARGS__ I ldc
#define BLASX_CBLAS_RANK_2K_ARGUMENTS layout, uplo, trans, n, k, alpha, a, lda, b, ldb, beta, c, ldc

template <Face F, Routine R, Type T, Name N>
struct FortranRank2K {
  using I = Int<F>;
  using E = Element<T>;
  using A = FortranFactor<kRealAlpha<R, T>, T>;
  using B = FortranFactor<kRealBeta<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(const char* uplo, const char* trans, const I* n,
                                         const I* k, const I* lda, const I* ldb, const I* ldc) {
    Shape s;
    s.bad_flag = !is_one_of(uplo, 'u', 'l') ? 1 : !is_rank_op<R, T>(trans) ? 2 : 0;
    s.uplo = uplo_of(uplo);
    s.trans_a = op_of(trans);
    s.m = *n;
    s.n = *n;
    s.k = *k;
    s.lda = *lda;
    s.ldb = *ldb;
    s.ldc = *ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_RANK_2K()) noexcept {
    if (const Function f = host_if_small<F, R, T>(shape(uplo, trans, n, k, lda, ldb, ldc)))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_RANK_2K_ARGUMENTS);
    return slow(BLASX_FORTRAN_RANK_2K_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_FORTRAN_RANK_2K()) noexcept {
    const Shape s = shape(uplo, trans, n, k, lda, ldb, ldc);
    if (const int error = first_error<R>(s)) return report_argument({F, T, N, BLASX_CALLER}, error);
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    x.a = a;
    x.b = b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_FORTRAN_RANK_2K_ARGUMENTS); });
  }
};

template <Face F, Routine R, Type T, Name N>
struct CblasRank2K {
  using I = Int<F>;
  using E = Element<T>;
  using A = CblasFactor<kRealAlpha<R, T>, T>;
  using B = CblasFactor<kRealBeta<R, T>, T>;

  BLASX_ALWAYS_INLINE static Shape shape(int layout, int uplo, int trans, I n, I k, I lda, I ldb,
                                         I ldc) {
    Shape s;
    set_rank_flags<R, T>(s, layout, uplo, trans);
    s.m = n;
    s.n = n;
    s.k = k;
    s.lda = lda;
    s.ldb = ldb;
    s.ldc = ldc;
    return s;
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_RANK_2K()) noexcept {
    const Shape s = shape(layout, uplo, trans, n, k, lda, ldb, ldc);
    if (const Function f = host_if_small<F, R, T>(s))
      return reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_RANK_2K_ARGUMENTS);
    return slow(BLASX_CBLAS_RANK_2K_ARGUMENTS);
  }

  [[gnu::noinline]] static void slow(BLASX_CBLAS_RANK_2K()) noexcept {
    const Shape s = shape(layout, uplo, trans, n, k, lda, ldb, ldc);
    const bool row_major = layout == kRowMajor;
    if (const int error = first_error<R>(s))
      return report_cblas({F, T, N, BLASX_CALLER, row_major}, error,
                          {{"layout", layout}, {"Uplo", uplo}, {"Trans", trans}});
    BlasCall x = normal_form<R, T>(s);
    x.alpha = factor<T>(alpha);
    x.beta = factor<T>(beta);
    // The transpose of alpha A B^H + conj(alpha) B A^H has the factors the other way round.
    if (R == Routine::Her2k && row_major) x.alpha = std::conj(x.alpha);
    x.a = a;
    x.b = b;
    x.c = c;
    run(x, F,
        [&](Function f) { reinterpret_cast<decltype(&slow)>(f)(BLASX_CBLAS_RANK_2K_ARGUMENTS); });
  }
};

}  // namespace
}  // namespace blasx::abi

#define BLASX_STAMP_FORTRAN(face, symbol, T, Name, R)                                   \
  BLASX_EXPORT void symbol(                                                             \
      BLASX_FORTRAN_RANK_2K(BLASX_BODY(FortranRank2K, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(FortranRank2K, face, T, R, Name)::call(BLASX_FORTRAN_RANK_2K_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T, Name, R)                                 \
  BLASX_EXPORT void symbol(                                                         \
      BLASX_CBLAS_RANK_2K(BLASX_BODY(CblasRank2K, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(CblasRank2K, face, T, R, Name)::call(BLASX_CBLAS_RANK_2K_ARGUMENTS); \
  }
#define BLASX_RANK_2K(s, S, name, Name, Routine)                                   \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S, Name, Routine) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S, Name, Routine)
#include "blasx/blas.def"
