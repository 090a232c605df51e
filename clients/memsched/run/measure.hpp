// SPDX-License-Identifier: Apache-2.0
// How long each algorithm of each layer takes on this machine: what the choice of workspaces needs to know.
#pragma once

#include "clients/nn/run/compiled.hpp"

namespace memsched {

// Runs each algorithm of each convolution forward and backward, twice, and puts the shorter time into compiled.costs.
// Other layers have one algorithm, whose time nobody asks for.
void measure(nn::Compiled& compiled);

}  // namespace memsched
