// SPDX-License-Identifier: Apache-2.0
// What this process took and passed on, for LPCOLL_STATS. Owned by statistics.cpp; any thread may count.
#pragma once

#include <cstdint>

#include "lpcoll/tune/choose.hpp"

namespace lpcoll::api {

// A call of at least tune::kFloor bytes; `transport` None: it went to the MPI underneath.
void count_call(tune::Collective collective, tune::Transport transport, int64_t bytes);
// The table is wanted: rank 0 of a communicator said so.
void want_statistics();
// Prints the table if this process is rank 0 of MPI_COMM_WORLD and somebody wants it.
void report_statistics();

}  // namespace lpcoll::api
