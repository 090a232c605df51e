/* SPDX-License-Identifier: Apache-2.0 */
/* Beside another library's cblas.h, ours adds the names that the other lacks and contradicts none. */
#include <cblas.h>

#include <blasx/cblas.h>

int main(void) {
  const double a[] = {3}, b[] = {5};
  double c[] = {0}, d[] = {0};
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1.0, a, 1, b, 1, 0.0, c, 1);
  cblas_dgemm_64(CblasColMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1.0, a, 1, b, 1, 0.0, d, 1);
  return c[0] == 15 && d[0] == 15 ? 0 : 1;
}
