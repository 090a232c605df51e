// SPDX-License-Identifier: Apache-2.0
// NVBLAS as far as the benchmark calls it: Fortran names that hand the call to the host's routines.
#include <cstddef>

#include "tests/fake_cuda/host_routines.hpp"

namespace {

// A level-3 routine takes at most 13 addresses and 4 lengths; what a routine does not take it does not look at.
using A = const void*;
using Z = size_t;
using Any = void(A, A, A, A, A, A, A, A, A, A, A, A, A, Z, Z, Z, Z);
Any* routine(char letter, const char* name) {
  return reinterpret_cast<Any*>(blasx::fake_cuda::host_routine(letter, name));
}

}  // namespace

#define FAKE_NVBLAS(letter, L, name)                                                               \
  extern "C" void letter##name##_(A a, A b, A c, A d, A e, A f, A g, A h, A i, A j, A k, A l, A m, \
                                  Z w, Z x, Z y, Z z) {                                            \
    routine(L, #name)(a, b, c, d, e, f, g, h, i, j, k, l, m, w, x, y, z);                          \
  }
#define FAKE_NVBLAS_TYPE(letter, L) \
  FAKE_NVBLAS(letter, L, gemm)      \
  FAKE_NVBLAS(letter, L, symm)      \
  FAKE_NVBLAS(letter, L, syrk)      \
  FAKE_NVBLAS(letter, L, syr2k)     \
  FAKE_NVBLAS(letter, L, trmm)      \
  FAKE_NVBLAS(letter, L, trsm)
FAKE_NVBLAS_TYPE(s, 's')
FAKE_NVBLAS_TYPE(d, 'd')
