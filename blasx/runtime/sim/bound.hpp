// SPDX-License-Identifier: Apache-2.0
// The least that must pass between home and devices. Pure.
#pragma once

#include <vector>

#include "blasx/tile/call.hpp"

namespace blasx::runtime::sim {

// Bytes for a gemm with so much memory on all devices together: every operand once, and no less than 2mnk/sqrt(S) + mn words
// (Kwasniewski et al., SC 2019). 0 for other routines.
double least_host_bytes(const BlasCall& call, double memory_bytes);

// Devices that can copy from each other: what two groups need passes the host's links twice.
struct MemoryGroup {
  double memory_bytes = 0;
  double share = 0;  // of the work that they did together
};

// The same with each group's own memory and share. Of a share f of the products no fewer operand words can be read than
// 2k sqrt(f m n), as for a square of C.
double least_host_bytes(const BlasCall& call, const std::vector<MemoryGroup>& groups);

}  // namespace blasx::runtime::sim
