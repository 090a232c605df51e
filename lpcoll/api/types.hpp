// SPDX-License-Identifier: Apache-2.0
// What is known of MPI's types and operators. Pure facts of predefined handles; nothing is cached.
#pragma once

#include <mpi.h>

#include <atomic>
#include <cstdint>

namespace lpcoll::api {

struct Sized {
  MPI_Datatype type;
  int size;
};
namespace internal {
extern constinit std::atomic<const Sized*> g_last;  // the type found last; lives for ever
}

// Whether so many elements are fewer bytes than that, if the type is the one that was asked for last; else false. In a few
// instructions: an 8-byte broadcast between two processes takes as long as a search.
inline bool surely_below(int64_t bytes, int count, MPI_Datatype type) {
  const Sized* last = internal::g_last.load(std::memory_order_acquire);
  return last != nullptr && last->type == type && count >= 0 && int64_t{count} * last->size < bytes;
}

// A predefined operator on a predefined type that it is defined on (MPI 3.1, section 5.9.2), with elements that fill their
// extent. The MPI underneath has the last word on everything else.
bool reduces(MPI_Op op, MPI_Datatype type);

// Bytes of one of the usual predefined types, none of which has gaps; -1 of others.
int size_of(MPI_Datatype type);

// Predefined: it cannot be freed.
bool is_named(MPI_Datatype type);

// Predefined, without gaps: its elements are bytes in a row.
bool is_plain(MPI_Datatype type);

// Where elements of a type lie, counted from their buffer: gaps between them too, none before the first byte or after the last.
struct Extent {
  MPI_Aint first;
  MPI_Aint bytes;
};
Extent extent_of(MPI_Datatype type, int count);

}  // namespace lpcoll::api
