// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/layout.hpp"

#include <algorithm>
#include <cmath>

#include "blasx/tile/families.hpp"

namespace blasx::tile {
namespace {

Place place_in_bands(int32_t task, int32_t mt, int32_t nt) {
  const int32_t band = task / (kBand * nt);
  const int32_t first_row = band * kBand;
  const int32_t height = std::min(kBand, mt - first_row);
  const int32_t within = task - first_row * nt;
  return {first_row + within % height, within / height, 0};
}

// Column by column of the upper triangle: column j has j + 1 tiles.
Place place_in_upper(int32_t task) {
  auto j = static_cast<int64_t>((std::sqrt(8.0 * task + 1.0) - 1.0) / 2.0);
  while (triangle(j) > task) --j;
  while (triangle(j + 1) <= task) ++j;
  return {static_cast<int32_t>(task - triangle(j)), static_cast<int32_t>(j), 0};
}

}  // namespace

Cut cut(int64_t size, int64_t edge, int64_t fine_from, int64_t fine) {
  const bool none = fine <= 0 || fine >= edge || fine_from >= size;
  if (none) return {size, edge, (size + edge - 1) / edge, edge};
  return {size, edge, std::max<int64_t>(0, fine_from) / edge, fine};
}

int64_t Cut::nearest(double element) const {
  const auto whole_end = static_cast<double>(begin(whole));
  const double i = element <= whole_end ? element / static_cast<double>(edge)
                                        : static_cast<double>(whole) +
                                              (element - whole_end) / static_cast<double>(fine);
  return std::min(count(), static_cast<int64_t>(std::lround(i)));
}

bool effectively_lower(const BlasCall& call) {
  return (call.uplo == Uplo::Lower) == (call.trans_a == Op::NoTrans);
}

Chains chains_of(const BlasCall& call, int32_t mt, int32_t nt) {
  const bool left = call.side == Side::Left;
  Chains chains;
  chains.length = left ? mt : nt;
  chains.lanes = left ? nt : mt;
  chains.along_rows = left;
  // trsm solves in the order of substitution; trmm goes the other way round, since a tile may only be overwritten when
  // all that read its old value are done. A from the right swaps the triangle's role.
  const bool forward = effectively_lower(call) == left;
  chains.ascending = forward == (call.routine == Routine::Trsm);
  return chains;
}

Numbering numbering_of(const BlasCall& call) {
  switch (call.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
    case Routine::Symm:
    case Routine::Hemm:
      return Numbering::Bands;
    case Routine::Gemmt:
    case Routine::Syrk:
    case Routine::Herk:
    case Routine::Syr2k:
    case Routine::Her2k:
      return call.uplo == Uplo::Lower ? Numbering::Lower : Numbering::Upper;
    case Routine::Trmm:
    case Routine::Trsm:
      return Numbering::Chains;
  }
  return Numbering::Bands;
}

Form form_of(const BlasCall& call, Numbering numbering, bool near_first) {
  const Routine r = call.routine;
  switch (numbering) {
    case Numbering::Bands:
      return Form::Rectangle;
    case Numbering::Chains:
      if (r == Routine::Trsm) return Form::Solved;
      return near_first ? Form::Replaced : Form::Apart;
    case Numbering::Lower:
    case Numbering::Upper:
      return is_rank(r) ? Form::OwnTriangle : is_rank2(r) ? Form::TwoTriangle : Form::Triangle;
  }
  return Form::Rectangle;
}

int32_t count_tasks(Numbering numbering, int32_t mt, int32_t nt) {
  if (numbering == Numbering::Lower || numbering == Numbering::Upper) {
    return static_cast<int32_t>(triangle(mt));
  }
  return mt * nt;
}

Place place_of(int32_t task, Numbering numbering, int32_t mt, int32_t nt, const Chains& chains) {
  switch (numbering) {
    case Numbering::Bands:
      return place_in_bands(task, mt, nt);
    case Numbering::Upper:
      return place_in_upper(task);
    case Numbering::Lower: {
      const Place upper = place_in_upper(task);  // mirrored: row by row of the lower triangle
      return {upper.j, upper.i, 0};
    }
    case Numbering::Chains: {
      const int32_t position = task / chains.lanes;
      const int32_t lane = task % chains.lanes;
      const int32_t along = chains.ascending ? position : chains.length - 1 - position;
      return chains.along_rows ? Place{along, lane, position} : Place{lane, along, position};
    }
  }
  return {};
}

}  // namespace blasx::tile
