// SPDX-License-Identifier: Apache-2.0
// What messages between its hosts cost, and from which size on calls are worth taking here: measured, the latter against the MPI
// underneath, at a communicator's first large call of each kind. What one
// communicator has measured counts for later ones of as many ranks and hosts with the same rank 0.
#pragma once

#include "lpcoll/api/communicator.hpp"

namespace lpcoll::api {

// Collective over the communicator, some tens of milliseconds; what it finds is the same on all ranks.
void measure(Communicator& state, tune::Collective collective);

// The link alone, where it is not known yet: some milliseconds.
void measure_link(Communicator& state);

// What rank 0's process has measured before, if it has; else all zeros.
tune::Measured what_is_known(int ranks, int hosts);

}  // namespace lpcoll::api
