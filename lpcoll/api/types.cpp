// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/types.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace lpcoll::api {
namespace {

enum Class : unsigned { Integer = 1, Floating = 2, Complex = 4, Logical = 8, Byte = 16 };

struct Named {
  MPI_Datatype type;
  int size;
  unsigned what;
};

// Handles of types are addresses in some MPIs and so no constants before the program is loaded.
const Named* find(MPI_Datatype type) {
  static const std::vector<Named> kRows = [] {
    std::vector<Named> rows = {
        {MPI_DOUBLE, 0, Floating},
        {MPI_FLOAT, 0, Floating},
        {MPI_INT, 0, Integer},
        {MPI_LONG, 0, Integer},
        {MPI_LONG_LONG, 0, Integer},
        {MPI_SHORT, 0, Integer},
        {MPI_SIGNED_CHAR, 0, Integer},
        {MPI_UNSIGNED_CHAR, 0, Integer},
        {MPI_UNSIGNED_SHORT, 0, Integer},
        {MPI_UNSIGNED, 0, Integer},
        {MPI_UNSIGNED_LONG, 0, Integer},
        {MPI_UNSIGNED_LONG_LONG, 0, Integer},
        {MPI_INT8_T, 0, Integer},
        {MPI_INT16_T, 0, Integer},
        {MPI_INT32_T, 0, Integer},
        {MPI_INT64_T, 0, Integer},
        {MPI_UINT8_T, 0, Integer},
        {MPI_UINT16_T, 0, Integer},
        {MPI_UINT32_T, 0, Integer},
        {MPI_UINT64_T, 0, Integer},
        {MPI_LONG_DOUBLE, 0, Floating},
        {MPI_C_FLOAT_COMPLEX, 0, Complex},
        {MPI_C_DOUBLE_COMPLEX, 0, Complex},
        {MPI_C_BOOL, 0, Logical},
        {MPI_BYTE, 0, Byte},
        {MPI_INTEGER, 0, Integer},
        {MPI_REAL, 0, Floating},
        {MPI_DOUBLE_PRECISION, 0, Floating},
        {MPI_COMPLEX, 0, Complex},
        {MPI_DOUBLE_COMPLEX, 0, Complex},
        {MPI_LOGICAL, 0, Logical},
    };
    for (Named& row : rows) PMPI_Type_size(row.type, &row.size);
    return rows;
  }();
  const auto row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Named& r) { return r.type == type; });
  return row == kRows.end() ? nullptr : &*row;
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

struct Envelope {
  int integers = 0, addresses = 0, types = 0, combiner = MPI_UNDEFINED;

  explicit Envelope(MPI_Datatype type) {
    PMPI_Type_get_envelope(type, &integers, &addresses, &types, &combiner);
  }
  // What MPI made itself nobody may free.
  bool is_mpis() const {
    return combiner == MPI_COMBINER_NAMED || combiner == MPI_COMBINER_F90_REAL ||
           combiner == MPI_COMBINER_F90_COMPLEX || combiner == MPI_COMBINER_F90_INTEGER;
  }
};

// Of a type that repeats another without gaps, or is another handle of it.
bool is_of_plain(MPI_Datatype type, const Envelope& envelope) {
  int times = 0;
  MPI_Aint none = 0;
  MPI_Datatype part = MPI_DATATYPE_NULL;
  if (PMPI_Type_get_contents(type, envelope.integers, envelope.addresses, envelope.types, &times,
                             &none, &part) != MPI_SUCCESS)
    return false;
  const bool plain = is_plain(part);
  if (!Envelope(part).is_mpis()) PMPI_Type_free(&part);  // contents are new handles
  return plain;
}

}  // namespace

bool is_named(MPI_Datatype type) { return Envelope(type).combiner == MPI_COMBINER_NAMED; }

int size_of(MPI_Datatype type) {
  const Named* row = find(type);
  return row == nullptr ? -1 : row->size;
}

bool is_plain(MPI_Datatype type) {
  if (find(type) != nullptr) return true;
  const Envelope envelope(type);
  if (envelope.combiner == MPI_COMBINER_CONTIGUOUS || envelope.combiner == MPI_COMBINER_DUP)
    return is_of_plain(type, envelope);
  int size = 0;
  MPI_Aint lower = 0, extent = 0;
  return envelope.combiner == MPI_COMBINER_NAMED && PMPI_Type_size(type, &size) == MPI_SUCCESS &&
         PMPI_Type_get_extent(type, &lower, &extent) == MPI_SUCCESS && lower == 0 && extent == size;
}

bool reduces(MPI_Op op, MPI_Datatype type) {
  const Named* row = find(type);
  return row != nullptr && (row->what & classes_of(op)) != 0;
}

Extent extent_of(MPI_Datatype type, int count) {
  MPI_Aint lower = 0, extent = 0, true_lower = 0, true_extent = 0;
  PMPI_Type_get_extent(type, &lower, &extent);
  PMPI_Type_get_true_extent(type, &true_lower, &true_extent);
  const MPI_Aint others = (count - 1) * extent;  // an extent may be negative
  return {true_lower + std::min<MPI_Aint>(0, others), true_extent + std::max(others, -others)};
}

}  // namespace lpcoll::api
