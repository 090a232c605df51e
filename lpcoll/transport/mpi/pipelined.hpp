// SPDX-License-Identifier: Apache-2.0
// Pipelined collectives over MPI point to point: any network, any MPI.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "lpcoll/transport/operation.hpp"

namespace lpcoll {

// How a call is to be carried out; equal on all ranks.
struct Route {
  int chains = 1;
  bool trees = false;  // two, instead of chains
  int64_t segment_bytes = 64 << 10;
  bool in_rank_order = false;
  std::span<const int> circle;  // ranks as they stand; empty: by number
  bool rests_in_mpi = false;    // see Operation::rest()
  int tag = 0;  // this and the next are of no other operation under way on the communicator
};

// Memory that stays with a communicator: a fresh page costs more than a copy into it.
using Workspace = std::vector<std::byte>;

// Starts this rank's part. `comm` is the library's own, so that no message meets the program's.
// The workspace and what the call points to must outlive the operation.
std::unique_ptr<Operation> start_pipelined(MPI_Comm comm, const Call& call, const Route& route,
                                           Workspace& workspace);

}  // namespace lpcoll
