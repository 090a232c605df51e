// SPDX-License-Identifier: Apache-2.0
// Tasks dealt out before anything runs, each device's share as large as its part of the speed of all. Pure.
#pragma once

#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::runtime::sim {

// The device of each task: neighbours in the graph's order stay together, and so does a chain.
std::vector<schedule::DeviceId> static_shares(const tile::TaskGraph& graph,
                                              const std::vector<double>& speeds);

}  // namespace blasx::runtime::sim
