// SPDX-License-Identifier: Apache-2.0
// A small level-3 BLAS of our own, single-threaded: for machines that have none, for what the host BLAS lacks, and for runs under
// sanitizers. Follows the reference in every special case, also in which zeros are skipped. No state.
#pragma once

#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

// Right for every size; fast for none.
void run_builtin(const BlasCall& call);

// Does the whole of a call that multiplies nothing (an empty size, alpha == 0, k == 0) and returns true; else touches nothing.
bool run_degenerate(const BlasCall& call);

}  // namespace blasx::hostblas
