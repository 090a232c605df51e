// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/types.hpp"

#include <algorithm>
#include <iterator>

namespace lpcoll::api {
namespace {

enum Class : unsigned { Integer = 1, Floating = 2, Complex = 4, Logical = 8, Byte = 16 };

// Handles of types are addresses in some MPIs and so no constants before the program is loaded.
unsigned class_of(MPI_Datatype type) {
  struct Row {
    MPI_Datatype type;
    unsigned what;
  };
  static const Row kRows[] = {
      {MPI_DOUBLE, Floating},
      {MPI_FLOAT, Floating},
      {MPI_INT, Integer},
      {MPI_LONG, Integer},
      {MPI_LONG_LONG, Integer},
      {MPI_SHORT, Integer},
      {MPI_SIGNED_CHAR, Integer},
      {MPI_UNSIGNED_CHAR, Integer},
      {MPI_UNSIGNED_SHORT, Integer},
      {MPI_UNSIGNED, Integer},
      {MPI_UNSIGNED_LONG, Integer},
      {MPI_UNSIGNED_LONG_LONG, Integer},
      {MPI_INT8_T, Integer},
      {MPI_INT16_T, Integer},
      {MPI_INT32_T, Integer},
      {MPI_INT64_T, Integer},
      {MPI_UINT8_T, Integer},
      {MPI_UINT16_T, Integer},
      {MPI_UINT32_T, Integer},
      {MPI_UINT64_T, Integer},
      {MPI_LONG_DOUBLE, Floating},
      {MPI_C_FLOAT_COMPLEX, Complex},
      {MPI_C_DOUBLE_COMPLEX, Complex},
      {MPI_C_BOOL, Logical},
      {MPI_BYTE, Byte},
      {MPI_INTEGER, Integer},
      {MPI_REAL, Floating},
      {MPI_DOUBLE_PRECISION, Floating},
      {MPI_COMPLEX, Complex},
      {MPI_DOUBLE_COMPLEX, Complex},
      {MPI_LOGICAL, Logical},
  };
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.type == type; });
  return row == std::end(kRows) ? 0 : row->what;
}

unsigned classes_of(MPI_Op op) {
  struct Row {
    MPI_Op op;
    unsigned on;
  };
  static const Row kRows[] = {
      {MPI_SUM, Integer | Floating | Complex},
      {MPI_PROD, Integer | Floating | Complex},
      {MPI_MAX, Integer | Floating},
      {MPI_MIN, Integer | Floating},
      {MPI_LAND, Integer | Logical},
      {MPI_LOR, Integer | Logical},
      {MPI_LXOR, Integer | Logical},
      {MPI_BAND, Integer | Byte},
      {MPI_BOR, Integer | Byte},
      {MPI_BXOR, Integer | Byte},
  };
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.op == op; });
  return row == std::end(kRows) ? 0 : row->on;
}

}  // namespace

bool is_named(MPI_Datatype type) {
  int integers = 0, addresses = 0, types = 0, combiner = 0;
  return PMPI_Type_get_envelope(type, &integers, &addresses, &types, &combiner) == MPI_SUCCESS &&
         combiner == MPI_COMBINER_NAMED;
}

bool is_plain(MPI_Datatype type) {
  int size = 0;
  MPI_Aint lower = 0, extent = 0;
  return is_named(type) && PMPI_Type_size(type, &size) == MPI_SUCCESS &&
         PMPI_Type_get_extent(type, &lower, &extent) == MPI_SUCCESS && lower == 0 && extent == size;
}

bool reduces(MPI_Op op, MPI_Datatype type) {
  return (class_of(type) & classes_of(op)) != 0 && is_plain(type);
}

}  // namespace lpcoll::api
