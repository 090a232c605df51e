// SPDX-License-Identifier: Apache-2.0
// From which size on calls are worth taking here: measured against the MPI underneath at a communicator's first large call. What one
// communicator has measured counts for later ones of as many ranks and hosts with the same rank 0.
#pragma once

#include "lpcoll/api/communicator.hpp"

namespace lpcoll::api {

// Collective over the communicator, some milliseconds; what it finds is the same on all ranks.
void measure(Communicator& state);

// What rank 0's process has measured before, if it has; else all zeros.
tune::Crossovers known_crossovers(int ranks, int hosts);

}  // namespace lpcoll::api
