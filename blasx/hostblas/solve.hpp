// SPDX-License-Identifier: Apache-2.0
// Our own solver for the triangles on a trsm's diagonal: near the processor's peak where the usual BLAS kernels reach half of
// it. Real types only. No state but scratch memory of the thread.
#pragma once

#include <cstdint>

#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// The largest side that is worth giving to it.
int64_t solve_limit(Type type);

// op(A) X = alpha B or X op(A) = alpha B in place, for a trsm with alpha != 0. False, with B untouched, where it is not for us: complex
// types, too few systems to fill vectors, a diagonal whose reciprocal is not a normal number (zero, tiny, NaN: then the host BLAS says
// what comes out).
bool solve_triangle(const BlasCall& call);

}  // namespace blasx::hostblas
