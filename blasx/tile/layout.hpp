// SPDX-License-Identifier: Apache-2.0
// How a call's tasks are numbered and which operand tiles a family reads: the part of a TaskGraph that the families share.
// Plain values.
#pragma once

#include <algorithm>
#include <cstdint>

#include "blasx/tile/call.hpp"

namespace blasx::tile {

// Which tiles of C get a task, and in which order.
enum class Numbering : uint8_t {
  Bands,  // all tiles, in bands of a few tile rows walked column by column: neighbours share rows of A and columns of B
  Lower,  // the lower triangle, column by column
  Upper,  // the upper triangle, column by column
  Chains,  // all tiles; chain position first, so that all chains' heads come before all second members
};

// Position of an output tile, and of its task in a chain.
struct Place {
  int32_t i = 0, j = 0;  // of the tile in C
  int32_t position = 0;  // in its chain
};

// How the chains of trmm and trsm run: along the dimension that A lies on, up or down.
struct Chains {
  int32_t length = 1;  // members of each
  int32_t lanes = 1;   // how many
  bool along_rows = true;
  bool ascending = true;
};

// Which tiles of C there are, and what their tasks read.
enum class Form : uint8_t {
  Rectangle,    // gemm, symm: row i of A, column j of B
  Triangle,     // gemmt: the same, of the tiles with j <= i
  OwnTriangle,  // syrk: rows i and j of A
  TwoTriangle,  // syr2k: rows i and j of both A and B, in turn
  Replaced,  // trmm: row i of a triangle, and old tiles of the column that are replaced later, from the nearest on
  Apart,     // the same from the first on: tasks of neighbouring tiles are never at the same one
  Solved,    // trsm: row i of a triangle, and tiles of the column that were solved before
};
Form form_of(const BlasCall& call, Numbering numbering, bool near_first);
constexpr bool is_triangle(Form f) {
  return f == Form::Triangle || f == Form::OwnTriangle || f == Form::TwoTriangle;
}
constexpr bool is_chain(Form f) {
  return f == Form::Replaced || f == Form::Apart || f == Form::Solved;
}

// Tiles of a triangle so many tiles high.
constexpr int64_t triangle(int64_t edge) { return edge * (edge + 1) / 2; }

// op(A) is lower triangular.
bool effectively_lower(const BlasCall& call);
Chains chains_of(const BlasCall& call, int32_t mt, int32_t nt);

Numbering numbering_of(const BlasCall& call);
int32_t count_tasks(Numbering numbering, int32_t mt, int32_t nt);
Place place_of(int32_t task, Numbering numbering, int32_t mt, int32_t nt, const Chains& chains);

// One dimension cut into tiles of `edge` elements; after the first `whole` of them into tiles of `fine`. The last may be smaller.
struct Cut {
  int64_t size = 0;
  int64_t edge = 1;
  int64_t whole = 0;
  int64_t fine = 1;

  int64_t count() const { return whole + (size - begin(whole) + fine - 1) / fine; }
  int64_t begin(int64_t i) const {
    return std::min(size, i <= whole ? i * edge : whole * edge + (i - whole) * fine);
  }
  int64_t length(int64_t i) const { return begin(i + 1) - begin(i); }
  // The tile that begins nearest to an element; count() for one near the end.
  int64_t nearest(double element) const;
  bool operator==(const Cut&) const = default;
};

// Tiles of `edge`; from the element `fine_from` on, rounded down to a tile's begin, tiles of `fine`, 0: none such.
Cut cut(int64_t size, int64_t edge, int64_t fine_from = 0, int64_t fine = 0);

// Rows of a band.
inline constexpr int32_t kBand = 4;

}  // namespace blasx::tile
