// SPDX-License-Identifier: Apache-2.0
// Tile kernels on host memory: each is one call of the host BLAS (or of the built-in one), made on the calling thread.
// No state but scratch memory of the thread.
#pragma once

#include <cstdint>

#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::hostblas {

// Computes the step on windows in memory: a, b, c are what the step's tiles hold, columns lda, ldb, ldc elements apart.
// Operands that the kernel has not may be null. Never throws for what the numbers are; results are the reference's in every
// special case (beta == 0 reads nothing of C, alpha == 0 reads neither A nor B).
void run_step(Type type, const tile::Step& step, const void* a, int64_t lda, const void* b,
              int64_t ldb, void* c, int64_t ldc);

// The whole call in normal form, on the host BLAS with the threads it has: for callers whose own function the library lacks.
void run_call(const BlasCall& call);

// The part of C that `region` names becomes beta C; zeros, without reading, where beta == 0.
void scale(Type type, tile::Region region, int64_t m, int64_t n, Scalar beta, void* c, int64_t ldc);

}  // namespace blasx::hostblas
