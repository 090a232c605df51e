// SPDX-License-Identifier: Apache-2.0
// The seam between those who start collectives and those who carry them out. An Operation belongs to its starter; the buffers of
// its Call belong to the operation until advance() has said that it is complete.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>

#include "common/status.hpp"

namespace lpcoll {

using blasx::failure;
using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

enum class Kind : uint8_t { Bcast, Reduce, Allreduce };

// One rank's part of a collective, checked, and with nothing left to interpret: no MPI_IN_PLACE, elements without gaps between
// them. A broadcast is of bytes (type MPI_BYTE, extent 1).
struct Call {
  Kind kind = Kind::Bcast;
  const std::byte* send =
      nullptr;  // this rank's values; equal to recv where the program said MPI_IN_PLACE
  std::byte* recv =
      nullptr;         // where the result goes; null on ranks of a reduce that are not the root
  int64_t count = 0;   // elements
  int64_t extent = 1;  // bytes from one element to the next
  MPI_Datatype type = MPI_BYTE;  // predefined
  MPI_Op op = MPI_OP_NULL;       // predefined
  int root = 0;
};

// What came of looking at an operation: nothing, something, or that this rank's part is complete.
enum class Advance : uint8_t { Waiting, Moved, Complete };

class Operation {
 public:
  Operation() = default;
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Does what can be done without waiting. Not to be called again after Complete or a failure.
  virtual Result<Advance> advance() = 0;
  // Returns when advance() may have something to do, at once where nobody knows when that is. For starters that carry nothing else.
  virtual void rest() {}
  // advance() may call MPI: without MPI_THREAD_MULTIPLE only the program's own thread may advance it.
  virtual bool calls_mpi() const { return true; }
};

}  // namespace lpcoll
