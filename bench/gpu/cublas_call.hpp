// SPDX-License-Identifier: Apache-2.0
// The benchmark's calls of cuBLAS and cuBLASXt, whose arguments differ in their types only.
#pragma once

#include <string>

#include "bench/gpu/cuda_libraries.hpp"
#include "bench/gpu/problem.hpp"

namespace blasx::bench {

// `Api` names the functions' types. The upper triangle from the left; `factor`: what trmm multiplies, c where that is done in place.
template <typename Api, typename T, typename Handle, typename N>
cublasStatus_t call_cublas(const OpenedLibrary& library, const std::string& function, Family family,
                           Handle handle, N n, const T* a, const T* b, const T* factor, T* c) {
  const T one = 1, zero = 0;
  const auto plain = CUBLAS_OP_N;
  const auto upper = CUBLAS_FILL_MODE_UPPER;
  const auto left = CUBLAS_SIDE_LEFT;
  const auto given = CUBLAS_DIAG_NON_UNIT;
  switch (family) {
    case Family::Gemm:
      return library.function<typename Api::Gemm>(function)(handle, plain, plain, n, n, n, &one, a,
                                                            n, b, n, &zero, c, n);
    case Family::Symm:
      return library.function<typename Api::Symm>(function)(handle, left, upper, n, n, &one, a, n,
                                                            b, n, &zero, c, n);
    case Family::Syrk:
      return library.function<typename Api::Syrk>(function)(handle, upper, plain, n, n, &one, a, n,
                                                            &zero, c, n);
    case Family::Syr2k:
      return library.function<typename Api::Syr2k>(function)(handle, upper, plain, n, n, &one, a, n,
                                                             b, n, &zero, c, n);
    case Family::Trmm:
      return library.function<typename Api::Trmm>(function)(handle, left, upper, plain, given, n, n,
                                                            &one, a, n, factor, n, c, n);
    case Family::Trsm:
      return library.function<typename Api::Trsm>(function)(handle, left, upper, plain, given, n, n,
                                                            &one, a, n, c, n);
  }
  return CUBLAS_STATUS_NOT_SUPPORTED;
}

}  // namespace blasx::bench
