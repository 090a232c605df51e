// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "blasx/hostblas/builtin.hpp"
#include "blasx/hostblas/elements.hpp"
#include "blasx/hostblas/kernels.hpp"

namespace blasx::hostblas {
namespace {

template <typename T>
void scale_columns(tile::Region region, int64_t m, int64_t n, T beta, T* c, int64_t ldc) {
  if (beta == T(1)) return;
  for (int64_t j = 0; j < n; ++j) {
    const int64_t first = region == tile::Region::Lower ? std::min(j, m) : 0;
    const int64_t last = region == tile::Region::Upper ? std::min(j + 1, m) : m;
    T* column = c + j * ldc;
    if (beta == T(0)) {
      std::fill(column + first, column + std::max(first, last), T(0));
    } else {
      for (int64_t i = first; i < last; ++i) column[i] = times(beta, column[i]);
    }
  }
}

tile::Region region_of(const BlasCall& call) {
  switch (call.routine) {
    case Routine::Gemmt:
    case Routine::Syrk:
    case Routine::Herk:
    case Routine::Syr2k:
    case Routine::Her2k:
      return call.uplo == Uplo::Upper ? tile::Region::Upper : tile::Region::Lower;
    default:
      return tile::Region::Full;
  }
}

bool multiplies(const BlasCall& call) {
  if (call.alpha == Scalar(0)) return false;
  switch (call.routine) {
    case Routine::Symm:
    case Routine::Hemm:
    case Routine::Trmm:
    case Routine::Trsm:
      return true;  // their inner dimension is a side of C
    default:
      return call.k > 0;
  }
}

}  // namespace

void scale(Type type, tile::Region region, int64_t m, int64_t n, Scalar beta, void* c,
           int64_t ldc) {
  with_type(type, [&]<typename T>(T) {
    scale_columns(region, m, n, to_scalar<T>(beta), static_cast<T*>(c), ldc);
  });
}

bool run_degenerate(const BlasCall& call) {
  if (call.m <= 0 || call.n <= 0) return true;
  if (multiplies(call)) return false;
  const bool in_place = call.routine == Routine::Trmm || call.routine == Routine::Trsm;
  const Scalar beta = in_place ? Scalar(0) : call.beta;
  if (beta == Scalar(1)) return true;  // the reference leaves even a herk's diagonal as it is
  scale(call.type, region_of(call), call.m, call.n, beta, call.c, call.ldc);
  if (call.routine == Routine::Herk || call.routine == Routine::Her2k) {
    with_type(call.type, [&]<typename T>(T) {
      T* c = static_cast<T*>(call.c);
      for (int64_t j = 0; j < call.n; ++j) c[j + j * call.ldc] = real_part(c[j + j * call.ldc]);
    });
  }
  return true;
}

}  // namespace blasx::hostblas
