/* SPDX-License-Identifier: Apache-2.0 */
/* A C11 program with no other BLAS header: one call of each form, with int and with 64-bit sizes, checked by hand. */
#include <blasx/cblas.h>
#include <math.h>
#include <stdio.h>

static int wrong = 0;

static void expect(const char* what, double got, double wanted) {
  if (fabs(got - wanted) > 1e-12) {
    fprintf(stderr, "%s: %g, not %g\n", what, got, wanted);
    wrong = 1;
  }
}

int main(void) {
  /* Row-major: a = (1 2; 3 4), b = (5 6; 7 8), u = (2 1; 0 4). */
  const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8}, u[] = {2, 1, 0, 4};
  const double z[] = {0, 1, 0, 0, 0, 0, 0, 2}, one[] = {1, 0}, none[] = {0, 0};
  double c[] = {1, 1, 1, 1}, zc[8] = {0};
  const CBLAS_TRANSPOSE plain = CblasNoTrans;
  const int two = 2;
  const double factor = 1, zero = 0;
  const double *as = a, *bs = b;
  double* cs = c;

  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, 2, 2, 2, 2.0, a, 2, b, 2, 1.0, c, 2);
  expect("cblas_dgemm", c[2], 2 * (3 * 5 + 4 * 6) + 1);
  cblas_dgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, 2, 2, 2, 1.0, a, 2, b, 2, 0.0, c, 2);
  expect("cblas_dgemm_64", c[0], 19);
  cblas_dgemm64_(CblasColMajor, CblasNoTrans, CblasNoTrans, 2, 2, 2, 1.0, a, 2, b, 2, 0.0, c, 2);
  expect("cblas_dgemm64_", c[0], 1 * 5 + 3 * 6);
  c[2] = -1;
  cblas_dgemmt(CblasRowMajor, CblasUpper, CblasNoTrans, CblasNoTrans, 2, 2, 1.0, a, 2, b, 2, 0.0, c,
               2);
  expect("cblas_dgemmt", c[1], 22);
  expect("cblas_dgemmt, the other triangle", c[2], -1);
  cblas_dsymm(CblasRowMajor, CblasLeft, CblasUpper, 2, 2, 1.0, u, 2, b, 2, 0.0, c, 2);
  expect("cblas_dsymm", c[2], 1 * 5 + 4 * 7);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, 2, 2, 1.0, a, 2, 0.0, c, 2);
  expect("cblas_dsyrk", c[2], 11);
  cblas_dsyr2k(CblasRowMajor, CblasLower, CblasNoTrans, 2, 2, 1.0, a, 2, b, 2, 0.0, c, 2);
  expect("cblas_dsyr2k", c[2], 3 * 5 + 4 * 6 + 7 * 1 + 8 * 2);
  c[0] = 4, c[1] = 0, c[2] = 8, c[3] = 0;
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, 2, 2, 1.0, u, 2, c,
              2);
  expect("cblas_dtrsm", c[0], 1);
  cblas_dtrmm(CblasRowMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, 2, 2, 1.0, u, 2, c,
              2);
  expect("cblas_dtrmm", c[0], 4);
  cblas_dgemm_batch(CblasRowMajor, &plain, &plain, &two, &two, &two, &factor, &as, &two, &bs, &two,
                    &zero, &cs, &two, 1, &(int){1});
  expect("cblas_dgemm_batch", c[3], 50);
  cblas_dgemm_batch_strided(CblasRowMajor, plain, plain, 1, 1, 2, 1.0, a, 2, 2, b, 1, 0, 0.0, c, 1,
                            1, 2);
  expect("cblas_dgemm_batch_strided", c[1], 3 * 5 + 4 * 6);
  cblas_zherk(CblasRowMajor, CblasLower, CblasNoTrans, 2, 2, 1.0, z, 2, 0.0, zc, 2);
  expect("cblas_zherk", zc[0], 1);
  cblas_zgemm3m(CblasRowMajor, CblasNoTrans, CblasConjTrans, 2, 2, 2, one, z, 2, z, 2, none, zc, 2);
  expect("cblas_zgemm3m", zc[6], 4);
  return wrong;
}
