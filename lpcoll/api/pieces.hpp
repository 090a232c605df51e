// SPDX-License-Identifier: Apache-2.0
// Elements with gaps travel without them: MPI's pack and unpack, in pieces whose bytes an int counts. A value; owns nothing.
#pragma once

#include <mpi.h>

#include <cstddef>

namespace lpcoll::api {

class Pieces {
 public:
  Pieces(void* buffer, int count, MPI_Datatype type);

  // All elements, into or out of as many bytes as they have without gaps. MPI's error code.
  int pack(std::byte* to, MPI_Comm comm) const;
  int unpack(std::byte* from, MPI_Comm comm) const;

 private:
  template <typename F>
  int each(F&& f) const;

  std::byte* buffer_;
  int count_;
  MPI_Datatype type_;
  MPI_Count size_ = 0;
  MPI_Aint extent_ = 0;
  int together_ = 1;
};

}  // namespace lpcoll::api
