// SPDX-License-Identifier: Apache-2.0
// What the library keeps with a communicator: one of its own over the same ranks, where these are, and memory. It belongs to the
// communicator as an attribute that copies do not inherit, and goes with it or at MPI_Finalize.
#pragma once

#include <mpi.h>

#include <memory>
#include <vector>

#include "lpcoll/transport/mpi/pipelined.hpp"
#include "lpcoll/transport/shm/node.hpp"
#include "lpcoll/tune/settings.hpp"

namespace lpcoll::api {

struct Communicator {
  MPI_Comm comm = MPI_COMM_NULL;  // the library's own
  int size = 1;
  int rank = 0;
  int hosts = 1;
  std::vector<int> circle;  // ranks of one host stand side by side
  tune::Settings settings;  // rank 0's
  std::unique_ptr<shm::Node>
      node;             // null where the ranks are not all on one host, or on none of them
  Workspace workspace;  // of pipelines
  Workspace packed;     // a broadcast's elements without the gaps between them
};

// The communicator's state, made if need be; then the call is collective. Null, on all ranks alike, where it cannot be made.
Communicator* communicator_of(MPI_Comm comm);

}  // namespace lpcoll::api
