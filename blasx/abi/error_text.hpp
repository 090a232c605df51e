// SPDX-License-Identifier: Apache-2.0
// How the reference BLAS names its routines and words their errors. Pure functions, and writing to stderr.
#pragma once

#include <cstddef>
#include <string_view>

#include "blasx/tile/call.hpp"

namespace blasx::abi {

// "DGEMM " as Fortran passes it (padded to six characters) and "cblas_dgemm", of 'd' and "gemm". What Fortran's routine
// refuses under a CBLAS one keeps the padding there, "cblas_dgemm ".
class ErrorName {
 public:
  ErrorName(Type type, const char* name);
  std::string_view fortran() const { return {fortran_, length_}; }
  const char* cblas() const { return cblas_; }
  const char* padded_cblas() const { return padded_cblas_; }

 private:
  char fortran_[32];
  char cblas_[40];
  char padded_cblas_[40];
  size_t length_;
};

// CBLAS's position of an argument that stands elsewhere because row-major calls swap roles. `name` as cblas_xerbla gets it.
int row_major_position(int position, std::string_view name, bool row_major);

void print_fortran_error(std::string_view name, int position);
void print_cblas_error(std::string_view name, int position);

}  // namespace blasx::abi
