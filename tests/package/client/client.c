/* SPDX-License-Identifier: Apache-2.0 */
/* What a user's program looks like: a BLAS call through libblasx, and a word with the library. */
#include <blasx/blasx.h>
#include <stdio.h>

void dgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k,
            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
            const double* beta, double* c, const int* ldc);

int main(void) {
  const int n = 2;
  const double one = 1, zero = 0;
  const double a[] = {1, 3, 2, 4}, b[] = {5, 7, 6, 8};
  double c[4];
  if (blasx_set("threshold", "0") != BLASX_OK) return 1;
  dgemm_("N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n);
  printf("libblasx %s: %g %g %g %g\n", blasx_version(), c[0], c[1], c[2], c[3]);
  return 0;
}
