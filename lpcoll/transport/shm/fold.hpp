// SPDX-License-Identifier: Apache-2.0
// The reduction of one piece over all ranks. No state.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/status.hpp"

namespace lpcoll::shm {

// a[i] op b[i] for the types and operators of which most of the world's bytes are; null where MPI's own function has to do.
struct Loops {
  void (*to_third)(const void* a, const void* b, void* out, int64_t count) = nullptr;
  void (*to_second)(const void* a, void* b, int64_t count) = nullptr;
};
Loops loops_for(MPI_Datatype type, MPI_Op op);

struct Fold {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Op op = MPI_OP_NULL;
  int64_t extent = 1;
  Loops loops;
};

// out = parts[0] op (parts[1] op (... op parts.back())): the order of the ranks, and the same association as on a chain, so that
// the result does not depend on who computes it. `out` overlaps no part; at least two parts.
blasx::Status fold(const Fold& with, const std::vector<const std::byte*>& parts, std::byte* out,
                   int64_t count);

// out = a op b; `out` may be `b` but overlaps nothing else.
blasx::Status add(const Fold& with, const std::byte* a, const std::byte* b, std::byte* out,
                  int64_t count);

}  // namespace lpcoll::shm
