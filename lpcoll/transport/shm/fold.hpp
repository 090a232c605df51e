// SPDX-License-Identifier: Apache-2.0
// The reduction of one piece over all ranks. No state.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/status.hpp"
#include "lpcoll/transport/shm/copy.hpp"

namespace lpcoll::shm {

// a[i] op b[i] for the types and operators of which most of the world's bytes are; null where MPI's own function has to do.
struct Loops {
  void (*to_third)(const void* a, const void* b, void* out, int64_t count) = nullptr;
  void (*to_second)(const void* a, void* b, int64_t count) = nullptr;
  // Into two places, of which the second may be a or b; only with what reads ahead.
  void (*to_both)(const void* a, const void* b, void* out, void* also, int64_t count) = nullptr;
};
Loops loops_for(MPI_Datatype type, MPI_Op op, Reading reading = Reading::Plain);

struct Fold {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_Op op = MPI_OP_NULL;
  int64_t extent = 1;
  Loops loops;
};

// out = parts[0] op (parts[1] op (... op parts.back())): the order of the ranks, and the same association as on a chain, so that
// the result does not depend on who computes it. `out` overlaps no part; at least two parts. `also`, where it is not null,
// receives the same, and may be a part.
blasx::Status fold(const Fold& with, const std::vector<const std::byte*>& parts, std::byte* out,
                   int64_t count, std::byte* also = nullptr);

// out = also = a op b; `out` may be `b` and `also` may be either, but they overlap nothing else.
blasx::Status add(const Fold& with, const std::byte* a, const std::byte* b, std::byte* out,
                  int64_t count, std::byte* also = nullptr);

}  // namespace lpcoll::shm
