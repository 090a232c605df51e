// SPDX-License-Identifier: Apache-2.0
// What is known of MPI's types and operators. Pure facts of predefined handles; nothing is cached.
#pragma once

#include <mpi.h>

#include <cstdint>

namespace lpcoll::api {

// A predefined operator on a predefined type that it is defined on (MPI 3.1, section 5.9.2), with elements that fill their
// extent. The MPI underneath has the last word on everything else.
bool reduces(MPI_Op op, MPI_Datatype type);

// Bytes of one of the usual predefined types, none of which has gaps; -1 of others.
int size_of(MPI_Datatype type);

// Predefined: it cannot be freed.
bool is_named(MPI_Datatype type);

// Predefined without gaps, or made of such by MPI_Type_contiguous and MPI_Type_dup: its elements are bytes in a row.
bool is_plain(MPI_Datatype type);

// Where elements of a type lie, counted from their buffer: gaps between them too, none before the first byte or after the last.
struct Extent {
  MPI_Aint first;
  MPI_Aint bytes;
};
Extent extent_of(MPI_Datatype type, int count);

}  // namespace lpcoll::api
