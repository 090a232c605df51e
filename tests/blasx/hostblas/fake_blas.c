/* SPDX-License-Identifier: Apache-2.0 */
/* A BLAS of three functions as the build defines it: FAKE_INT its integers, FAKE_ANSWER what its dgemm
 * writes, FAKE_WHEEL if it has the wheels' names, FAKE_OURS if it is a libblasx, FAKE_OPENBLAS. */
#include <stdint.h>

#ifdef FAKE_WHEEL
#define FAKE_F(name) scipy_##name##_64_
#define FAKE_C(name) scipy_cblas_##name##64_
#else
#define FAKE_F(name) name##_
#define FAKE_C(name) cblas_##name
#endif

#define EXPORT __attribute__((visibility("default")))

EXPORT FAKE_INT FAKE_F(isamax)(const FAKE_INT* n, const float* x, const FAKE_INT* incx) {
  FAKE_INT best = 0;
  for (FAKE_INT i = 0; i < *n; ++i)
    if (best == 0 || x[i * *incx] > x[(best - 1) * *incx]) best = i + 1;
  return best;
}

EXPORT void FAKE_F(dgemm)(const char* ta, const char* tb, const FAKE_INT* m, const FAKE_INT* n,
                          const FAKE_INT* k, const double* alpha, const double* a,
                          const FAKE_INT* lda, const double* b, const FAKE_INT* ldb,
                          const double* beta, double* c, const FAKE_INT* ldc) {
  (void)ta, (void)tb, (void)m, (void)n, (void)k, (void)alpha, (void)a, (void)lda, (void)b,
      (void)ldb, (void)beta, (void)ldc;
  *c = FAKE_ANSWER;
}

/* As the reference and BLIS do: by name, through whatever the loader finds first. */
EXPORT void FAKE_C(dgemm)(int order, int ta, int tb, FAKE_INT m, FAKE_INT n, FAKE_INT k,
                          double alpha, const double* a, FAKE_INT lda, const double* b,
                          FAKE_INT ldb, double beta, double* c, FAKE_INT ldc) {
  (void)order, (void)ta, (void)tb;
  FAKE_F(dgemm)("N", "N", &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc);
}

EXPORT void FAKE_C(dgemm_batch)(void) {}

#ifdef FAKE_OURS
EXPORT const char* blasx_version(void) { return "0"; }
#endif
#ifdef FAKE_OPENBLAS
static int threads = 7;
EXPORT const char* openblas_get_config(void) { return "OpenBLAS 9.9 fake "; }
EXPORT int openblas_get_parallel(void) { return 1; }
EXPORT int openblas_get_num_threads(void) { return threads; }
EXPORT void openblas_set_num_threads(int n) { threads = n; }
#endif
