// SPDX-License-Identifier: Apache-2.0
// From a program's call to an operation under way, or to the MPI underneath. All ranks decide alike, from what is equal on all of
// them: the bytes of the message, the communicator, the operator, and settings that its rank 0 has told the others. What is wrong,
// unusual or small goes to the MPI underneath with the caller's own arguments, so that it raises what it always raises.
#pragma once

#include <mpi.h>

#include <memory>

#include "lpcoll/api/communicator.hpp"
#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/operation.hpp"

namespace lpcoll::api {

// What the program said.
struct Arguments {
  Kind kind = Kind::Bcast;
  const void* send = nullptr;
  void* recv = nullptr;  // a broadcast's buffer
  int count = 0;
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Op op = MPI_OP_NULL;
  int root = 0;
  MPI_Comm comm = MPI_COMM_NULL;
  bool is_blocking = false;  // nothing happens until it is complete, so that it may be timed
};

struct Started {
  std::unique_ptr<Operation> operation;  // null: pass it on, unless the code says it is wrong
  Communicator* state = nullptr;         // of the operation, or of the trial
  // Without an operation: to be completed before the call is passed on.
  std::unique_ptr<Operation> roll_call;
  int code = MPI_SUCCESS;
  // Of a blocking call that is to be timed: all ranks meet before it, and tell each other its time when the trial is over.
  tune::Trial* trial = nullptr;
  int64_t bytes = 0;
  trace::Event event = {};  // of the call, begun; for whoever knows when it ends
};

// Begins the call if it is to be carried out here; then no other may be under way on the communicator that `start` has not
// begun too. Throws bad_alloc.
Started start(const Arguments& call);

// A call that is checked, on its chosen way.
std::unique_ptr<Operation> begin(Communicator& state, const tune::Choice& choice, const Call& call);

// Gives the code to the communicator's error handler, if it is one, and returns it.
int raise(MPI_Comm comm, int code);

}  // namespace lpcoll::api
