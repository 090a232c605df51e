// SPDX-License-Identifier: Apache-2.0
// The reduction of one piece over all ranks. No state.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/status.hpp"
#include "lpcoll/transport/shm/copy.hpp"

namespace lpcoll::shm {

// The same elements of all ranks, in their order, and where the result is wanted: at least two and at least one.
using Parts = std::span<const std::byte* const>;
using Places = std::span<std::byte* const>;

// For the types and operators of which most of the world's bytes are; null where MPI's own function has to do.
using OnePass = void (*)(Parts parts, Places places, int64_t count);
OnePass one_pass_for(MPI_Datatype type, MPI_Op op, Reading reading = Reading::Plain);

struct Fold {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Op op = MPI_OP_NULL;
  int64_t extent = 1;
  OnePass one_pass = nullptr;
};

// All places = parts[0] op (parts[1] op (... op parts.back())): the order of the ranks, and the same association as on a chain, so
// that the result does not depend on who computes it. A place may be a part; without one_pass the first may be the last part only.
blasx::Status fold(const Fold& with, Parts parts, Places places, int64_t count);

}  // namespace lpcoll::shm
