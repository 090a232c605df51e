// SPDX-License-Identifier: Apache-2.0
// The tile edge at which a policy is at its best: every edge worth trying is run. Pure.
#pragma once

#include "blasx/runtime/sim/run.hpp"

namespace blasx::runtime::sim {

// The request with its tile as the runtime would choose it, and replaced by each of 256, 384, 512 .. 16384; the fastest outcome.
Result<Outcome> run_best_tile(const device::sim::Machine& machine, const Request& request);

}  // namespace blasx::runtime::sim
