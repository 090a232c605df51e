// SPDX-License-Identifier: Apache-2.0
// The same from C++: the header has to compile there too, with every warning.
#include <blasx/blasx.h>

#include <array>
#include <cstdio>

extern "C" void dsyrk_(const char* uplo, const char* trans, const int* n, const int* k,
                       const double* alpha, const double* a, const int* lda, const double* beta,
                       double* c, const int* ldc);

int main() {
  const int n = 2;
  const double one = 1;
  const double zero = 0;
  const std::array<double, 4> a = {1, 3, 2, 4};
  std::array<double, 4> c{};
  dsyrk_("L", "N", &n, &n, &one, a.data(), &n, &zero, c.data(), &n);
  std::printf("libblasx %s: %g %g %g %g\n", blasx_version(), c[0], c[1], c[2], c[3]);
}
