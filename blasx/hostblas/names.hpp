// SPDX-License-Identifier: Apache-2.0
// How BLAS libraries spell their functions: pure functions from routine and type to symbol names.
#pragma once

#include <span>
#include <string>

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// "scipy_" + "dgemm" + "_64_"; cblas: "scipy_" + "cblas_" + "dgemm" + "64_".
struct Spelling {
  const char* prefix;
  const char* fortran_suffix;
  const char* cblas_suffix;
};

// In the order in which they are tried for an integer width. Plain names come with either width: Debian's libopenblas64
// exports dgemm_ with 64-bit integers.
std::span<const Spelling> spellings(bool ilp64);
std::span<const Spelling> wheel_spellings(bool ilp64);

// "dgemm", "zherk"; empty where the routine does not exist in that type (ssymm has no shemm).
std::string base_name(Routine r, Type t);
// Other names of the same function, null where there is none: "gemmtr" for gemmt.
const char* alias(Routine r);
std::string fortran_name(const Spelling& s, const std::string& base);
std::string cblas_name(const Spelling& s, const std::string& base);
// "gemm_batch", "gemm_batch_strided" with the type's letter.
std::string base_name(Extension e, Type t);

}  // namespace blasx::hostblas
