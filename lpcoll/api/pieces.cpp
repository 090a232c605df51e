// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/pieces.hpp"

#include <algorithm>
#include <climits>

namespace lpcoll::api {

Pieces::Pieces(void* buffer, int count, MPI_Datatype type)
    : buffer_(static_cast<std::byte*>(buffer)), count_(count), type_(type) {
  constexpr MPI_Count kPieceBytes = 1 << 28;
  MPI_Aint lower = 0;
  PMPI_Type_size_x(type, &size_);
  PMPI_Type_get_extent(type, &lower, &extent_);
  together_ = static_cast<int>(std::max<MPI_Count>(1, kPieceBytes / std::max<MPI_Count>(1, size_)));
}

// f(elements, number of them, their bytes without gaps, where these lie from the beginning)
template <typename F>
int Pieces::each(F&& f) const {
  for (int i = 0, n = 0; i < count_; i += n) {
    n = std::min(together_, count_ - i);
    if (n * size_ > INT_MAX) return MPI_ERR_TYPE;  // one element that MPI cannot pack
    const int code = f(buffer_ + i * extent_, n, static_cast<int>(n * size_), i * size_);
    if (code != MPI_SUCCESS) return code;
  }
  return MPI_SUCCESS;
}

int Pieces::pack(std::byte* to, MPI_Comm comm) const {
  return each([&](std::byte* from, int n, int bytes, MPI_Count at) {
    int position = 0;
    return PMPI_Pack(from, n, type_, to + at, bytes, &position, comm);
  });
}

int Pieces::unpack(std::byte* from, MPI_Comm comm) const {
  return each([&](std::byte* to, int n, int bytes, MPI_Count at) {
    int position = 0;
    return PMPI_Unpack(from + at, bytes, &position, to, n, type_, comm);
  });
}

}  // namespace lpcoll::api
