// SPDX-License-Identifier: Apache-2.0
// The least that must pass between home and devices. Pure.
#pragma once

#include "blasx/tile/call.hpp"

namespace blasx::runtime::sim {

// Bytes for a gemm with so much memory on all devices together: every operand once, and no less than 2mnk/sqrt(S) + mn words
// (Kwasniewski et al., SC 2019). 0 for other routines.
double least_host_bytes(const BlasCall& call, double memory_bytes);

}  // namespace blasx::runtime::sim
