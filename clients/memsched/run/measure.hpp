// SPDX-License-Identifier: Apache-2.0
// How long each algorithm of each layer takes on this machine: what the choice of workspaces needs to know, and the policies
// that weigh what a replay costs.
#pragma once

#include "clients/nn/run/compiled.hpp"

namespace memsched {

// Runs each algorithm of each layer forward and backward, twice, and puts the shorter time into compiled.costs.
void measure(nn::Compiled& compiled);

}  // namespace memsched
