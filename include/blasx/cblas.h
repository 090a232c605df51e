/* SPDX-License-Identifier: Apache-2.0 */
/* The level-3 CBLAS functions that libblasx exports. Programs need no header of ours: any cblas.h declares the same
 * functions. This one is for those who have none, and for the extensions and 64-bit names that others leave out. It
 * steps back behind a cblas.h included before it, and declares only what that one may lack.
 *
 * Common to all: any thread may call at any time. Matrices are the caller's, are read or written only inside their windows and
 * only until the function returns. CblasRowMajor or CblasColMajor says how all matrices of a call are stored; ld is the
 * distance in elements between rows or columns. Complex factors and matrices travel as void*: two floats or doubles an element.
 * A wrong argument is told to the program's cblas_xerbla or xerbla_, else on stderr, and nothing is touched. beta == 0 reads nothing
 * of C. Semantics are those of the reference BLAS (Dongarra, Du Croz, Duff, Hammarling, ACM TOMS 16, 1990).
 *
 * Each function comes three times: cblas_dgemm with int, cblas_dgemm_64 and cblas_dgemm64_ (one function under the two names that
 * are in use) with int64_t sizes. */
#ifndef BLASX_CBLAS_H
#define BLASX_CBLAS_H

#include <stddef.h>
#include <stdint.h>

#ifndef BLASX_API
#define BLASX_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The guards of the reference's and OpenBLAS's, ATLAS's, MKL's and GSL's headers. */
#if defined(CBLAS_H) || defined(CBLAS_ENUM_DEFINED_H) || defined(__MKL_CBLAS_H__) || \
    defined(__GSL_CBLAS_H__)
#define BLASX_CBLAS_IS_THERE 1
#else
#define BLASX_CBLAS_IS_THERE 0
typedef enum CBLAS_LAYOUT { CblasRowMajor = 101, CblasColMajor = 102 } CBLAS_LAYOUT;
typedef enum CBLAS_TRANSPOSE {
  CblasNoTrans = 111,
  CblasTrans = 112,
  CblasConjTrans = 113
} CBLAS_TRANSPOSE;
typedef enum CBLAS_UPLO { CblasUpper = 121, CblasLower = 122 } CBLAS_UPLO;
typedef enum CBLAS_DIAG { CblasNonUnit = 131, CblasUnit = 132 } CBLAS_DIAG;
typedef enum CBLAS_SIDE { CblasLeft = 141, CblasRight = 142 } CBLAS_SIDE;
typedef CBLAS_LAYOUT CBLAS_ORDER;
#endif

/* The types of a declaration, by type letter: (name, integer, real, element, factor). */
#define BLASX_S(X, name, I) X(name, I, float, float, float)
#define BLASX_D(X, name, I) X(name, I, double, double, double)
#define BLASX_C(X, name, I) X(name, I, float, void, const void*)
#define BLASX_Z(X, name, I) X(name, I, double, void, const void*)
#define BLASX_WIDE(X, T, name) T(X, name##_64, int64_t) T(X, name##64_, int64_t)
#define BLASX_BOTH(X, T, name) T(X, name, int) BLASX_WIDE(X, T, name)
#define BLASX_COMPLEX(FORM, X, name) \
  FORM(X, BLASX_C, cblas_c##name)    \
  FORM(X, BLASX_Z, cblas_z##name)
#define BLASX_ALL(FORM, X, name)  \
  FORM(X, BLASX_S, cblas_s##name) \
  FORM(X, BLASX_D, cblas_d##name) \
  BLASX_COMPLEX(FORM, X, name)
/* Where another cblas.h is there, names with int that it declares are left to it. */
#if BLASX_CBLAS_IS_THERE
#define BLASX_STANDARD BLASX_WIDE
#else
#define BLASX_STANDARD BLASX_BOTH
#endif

/* gemm: C = alpha op(A) op(B) + beta C with C m x n, op(A) m x k, op(B) k x n; op is nothing, transposition or conjugate
 * transposition. gemm3m computes the same and may use three real products in place of four, which rounds
 * differently. */
#define BLASX_GEMM(name, I, R, E, F)                                                            \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_TRANSPOSE transa, CBLAS_TRANSPOSE transb, I m, \
                      I n, I k, F alpha, const E* a, I lda, const E* b, I ldb, F beta, E* c,    \
                      I ldc);
BLASX_ALL(BLASX_STANDARD, BLASX_GEMM, gemm)
BLASX_COMPLEX(BLASX_STANDARD, BLASX_GEMM, gemm3m)

/* gemmt: as gemm with C n x n, of which only the triangle `uplo` is written: for products known to be symmetric. gemmtr is the
 * reference's name for it. */
#define BLASX_GEMMT(name, I, R, E, F)                                                           \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_UPLO uplo, CBLAS_TRANSPOSE transa,             \
                      CBLAS_TRANSPOSE transb, I n, I k, F alpha, const E* a, I lda, const E* b, \
                      I ldb, F beta, E* c, I ldc);
BLASX_ALL(BLASX_STANDARD, BLASX_GEMMT, gemmt)
BLASX_ALL(BLASX_STANDARD, BLASX_GEMMT, gemmtr)

/* symm, hemm: C = alpha A B + beta C (CblasLeft) or alpha B A + beta C (CblasRight) with C and B m x n and A symmetric or
 * Hermitian, of which only the triangle `uplo` is read. */
#define BLASX_SYMM(name, I, R, E, F)                                                            \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_SIDE side, CBLAS_UPLO uplo, I m, I n, F alpha, \
                      const E* a, I lda, const E* b, I ldb, F beta, E* c, I ldc);
BLASX_ALL(BLASX_STANDARD, BLASX_SYMM, symm)
BLASX_COMPLEX(BLASX_STANDARD, BLASX_SYMM, hemm)

/* syrk: C = alpha A A^T + beta C, or alpha A^T A + beta C for CblasTrans, with C n x n, of which only the triangle `uplo` is
 * read and written, and op(A) n x k. herk: the same with A^H (CblasConjTrans) and real factors; the diagonal of C
 * becomes real. */
#define BLASX_SYRK(name, I, R, E, F)                                                         \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, I n, I k, \
                      F alpha, const E* a, I lda, F beta, E* c, I ldc);
#define BLASX_HERK(name, I, R, E, F) BLASX_SYRK(name, I, R, E, R)
BLASX_ALL(BLASX_STANDARD, BLASX_SYRK, syrk)
BLASX_COMPLEX(BLASX_STANDARD, BLASX_HERK, herk)

/* syr2k: C = alpha A B^T + alpha B A^T + beta C, or alpha A^T B + alpha B^T A + beta C for CblasTrans; shapes and triangle
 * as syrk. her2k: alpha A B^H + conj(alpha) B A^H + beta C, or with CblasConjTrans alpha A^H B + conj(alpha) B^H A +
 * beta C; beta is real. */
#define BLASX_SYR2K_(name, I, E, F, B)                                                       \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_UPLO uplo, CBLAS_TRANSPOSE trans, I n, I k, \
                      F alpha, const E* a, I lda, const E* b, I ldb, B beta, E* c, I ldc);
#define BLASX_SYR2K(name, I, R, E, F) BLASX_SYR2K_(name, I, E, F, F)
#define BLASX_HER2K(name, I, R, E, F) BLASX_SYR2K_(name, I, E, F, R)
BLASX_ALL(BLASX_STANDARD, BLASX_SYR2K, syr2k)
BLASX_COMPLEX(BLASX_STANDARD, BLASX_HER2K, her2k)

/* trmm: B = alpha op(A) B (CblasLeft) or alpha B op(A) (CblasRight), in place. trsm: solves op(A) X = alpha B or
 * X op(A) = alpha B and overwrites B with X. B is m x n, A triangular of side m or n; only its triangle `uplo` is read, and its
 * diagonal not where `diag` says that it is of ones. No test for singularity. */
#define BLASX_TRMM(name, I, R, E, F)                                                          \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_SIDE side, CBLAS_UPLO uplo,                  \
                      CBLAS_TRANSPOSE transa, CBLAS_DIAG diag, I m, I n, F alpha, const E* a, \
                      I lda, E* b, I ldb);
BLASX_ALL(BLASX_STANDARD, BLASX_TRMM, trmm)
BLASX_ALL(BLASX_STANDARD, BLASX_TRMM, trsm)

/* gemm_batch: many independent gemms. Group g of group_count has group_size[g] members of equal shape and factors: element g
 * of each of the arrays transa .. beta; a, b, c hold one pointer for each member of all groups, in order. A large member is
 * decided on and run by itself. The C matrices must not overlap. */
#define BLASX_GEMM_BATCH(name, I, R, E, F)                                                  \
  BLASX_API void name(CBLAS_LAYOUT layout, const CBLAS_TRANSPOSE* transa,                   \
                      const CBLAS_TRANSPOSE* transb, const I* m, const I* n, const I* k,    \
                      const E* alpha, const E** a, const I* lda, const E** b, const I* ldb, \
                      const E* beta, E** c, const I* ldc, I group_count, const I* group_size);
BLASX_ALL(BLASX_STANDARD, BLASX_GEMM_BATCH, gemm_batch)

/* gemm_batch_strided: batch_size gemms of one shape; member i works on a + i * stridea, b + i * strideb and c + i * stridec,
 * strides in elements. The C matrices must not overlap; a stride of 0 shares A or B. */
#define BLASX_GEMM_STRIDED(name, I, R, E, F)                                                    \
  BLASX_API void name(CBLAS_LAYOUT layout, CBLAS_TRANSPOSE transa, CBLAS_TRANSPOSE transb, I m, \
                      I n, I k, F alpha, const E* a, I lda, I stridea, const E* b, I ldb,       \
                      I strideb, F beta, E* c, I ldc, I stridec, I batch_size);
BLASX_ALL(BLASX_STANDARD, BLASX_GEMM_STRIDED, gemm_batch_strided)

#undef BLASX_S
#undef BLASX_D
#undef BLASX_C
#undef BLASX_Z
#undef BLASX_WIDE
#undef BLASX_BOTH
#undef BLASX_COMPLEX
#undef BLASX_ALL
#undef BLASX_STANDARD
#undef BLASX_CBLAS_IS_THERE
#undef BLASX_GEMM
#undef BLASX_GEMMT
#undef BLASX_SYMM
#undef BLASX_SYRK
#undef BLASX_HERK
#undef BLASX_SYR2K_
#undef BLASX_SYR2K
#undef BLASX_HER2K
#undef BLASX_TRMM
#undef BLASX_GEMM_BATCH
#undef BLASX_GEMM_STRIDED

#ifdef __cplusplus
}
#endif

#endif /* BLASX_CBLAS_H */
