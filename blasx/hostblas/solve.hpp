// SPDX-License-Identifier: Apache-2.0
// A trsm of our own: it keeps the right-hand sides packed from the first row to the last, and so stays as near the processor's
// peak as a gemm does. Real types, one thread. No state but scratch memory of the thread.
#pragma once

#include <cstdint>

#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// The largest side it takes; above, halve the triangle.
inline constexpr int64_t kSolveLimit = 4096;

// op(A) X = alpha B or X op(A) = alpha B in place, for a trsm with alpha != 0. False, with B untouched, where it is not for us: complex
// types, too few systems to fill vectors, a diagonal whose reciprocal is not a normal number (zero, tiny, NaN: then the host BLAS says
// what comes out).
bool solve_triangle(const BlasCall& call);

}  // namespace blasx::hostblas
