// SPDX-License-Identifier: Apache-2.0
// How a call's tasks are numbered and which operand tiles a family reads: the part of a TaskGraph that the families share.
// Plain values.
#pragma once

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

// op(A) is lower triangular.
bool effectively_lower(const BlasCall& call);
Chains chains_of(const BlasCall& call, int32_t mt, int32_t nt);

Numbering numbering_of(const BlasCall& call);
int32_t count_tasks(Numbering numbering, int32_t mt, int32_t nt);
Place place_of(int32_t task, Numbering numbering, int32_t mt, int32_t nt, const Chains& chains);

// Rows of a band.
inline constexpr int32_t kBand = 4;

}  // namespace blasx::tile
