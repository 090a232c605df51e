// SPDX-License-Identifier: Apache-2.0
// The header in C++, twice.
#include <blasx/cblas.h>

int main() {
  const float a[] = {3}, b[] = {5};
  float c[] = {0};
  cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1.0F, a, 1, b, 1, 0.0F, c, 1);
  return c[0] == 15.0F ? 0 : 1;
}
