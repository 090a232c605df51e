// SPDX-License-Identifier: Apache-2.0
// One product of what is in memory: one call of the process's BLAS, whichever that is. No state.
#pragma once

#include <array>
#include <complex>
#include <cstdint>

#include "ooc_gemm/storage/description.hpp"

namespace ooc_gemm::run {

using Scalar = std::complex<double>;

// What is done to an operand: nothing, transposed, conjugated and transposed.
enum class Operation : char { None = 'N', Transposed = 'T', Adjoint = 'C' };

struct Factor {
  const void* data = nullptr;
  int64_t ld = 1;
  bool transposed = false;
  bool conjugated = false;  // with transposed only
};

struct Product {
  storage::Element element = storage::Element::F8;
  bool row_major = true;
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;
  Scalar alpha = 1;
  Factor a;
  Factor b;
  Scalar beta = 0;
  void* c = nullptr;
  int64_t ldc = 1;
};

// Sizes and leading dimensions fit an int: no plan has longer sides.
void multiply(const Product& product);

}  // namespace ooc_gemm::run
