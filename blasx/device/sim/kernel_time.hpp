// SPDX-License-Identifier: Apache-2.0
// How long a kernel takes on a kind of device. Pure.
#pragma once

#include "blasx/device/sim/machine.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::device::sim {

// Floating-point operations of one tile kernel.
double operations_of(const tile::Step& step, Type type);

// Without waiting for others. The kind must have rates for the type.
double kernel_seconds(const DeviceKind& kind, Type type, const tile::Step& step);

// The best of the kind's gemm and of the family's own kernel, which may be better, all its units together: what a device does
// when nothing has to move.
double in_core_gflops(const DeviceKind& kind, Type type, Family family = Family::Gemm);
Family family_of(Routine routine);

inline bool has_rates(const DeviceKind& kind, Type type) {
  return !kind.rates[static_cast<size_t>(type)][0].empty();
}

}  // namespace blasx::device::sim
