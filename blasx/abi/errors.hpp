// SPDX-License-Identifier: Apache-2.0
// What happens when a caller's argument is wrong: his own xerbla_ or cblas_xerbla is told as the reference tells it, else a line on
// stderr; then the call returns with nothing touched. No state of ours; RowMajorStrg belongs to whoever defines it.
#pragma once

#include <cstdint>

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::abi {

// The names of the routines without their letters. gemmt has two.
enum class Name : uint8_t {
  Gemm,
  Gemm3m,
  Gemmt,
  Gemmtr,
  Symm,
  Hemm,
  Syrk,
  Herk,
  Syr2k,
  Her2k,
  Trmm,
  Trsm,
  GemmBatch,
  GemmBatchStrided,
};

// Who was called, and by whom.
struct Site {
  hostblas::Face face;
  Type type;
  Name name;
  const void* caller;  // an address in the code that made the call
  bool row_major = false;
};

// A Fortran call whose argument at `position` is wrong, or a CBLAS call whose arguments, with roles swapped in row-major
// order, Fortran's routine refuses at `position`.
void report_argument(const Site& site, int position) noexcept;

// A CBLAS call with an enum that is none; `what` is "TransA", position 1 the layout.
void report_enum(const Site& site, int position, const char* what, int value) noexcept;

// The enum at minus `bad_flag`, or else the argument that Fortran's routine refuses.
struct EnumArgument {
  const char* what;
  int value;
};
template <int N>
void report_cblas(const Site& site, int error, const EnumArgument (&enums)[N]) noexcept {
  if (error > 0) return report_argument(site, error);
  const EnumArgument& wrong = enums[-error - 1];
  report_enum(site, -error, wrong.what, wrong.value);
}

}  // namespace blasx::abi
