// SPDX-License-Identifier: Apache-2.0
// One BlasCall as one call of a library's Fortran function. No state.
#pragma once

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// False, and nothing done, where the library has no such function or its integers are too narrow for the sizes.
bool execute(const Library& library, const BlasCall& call);

}  // namespace blasx::hostblas
