// SPDX-License-Identifier: Apache-2.0
// A trsm whose work is mostly products. No state.
#pragma once

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// Halves the triangle down to what solve.hpp takes; between the halves the library's gemm. Single-threaded if the library is.
void run_trsm(const Library& library, const BlasCall& call);

}  // namespace blasx::hostblas
