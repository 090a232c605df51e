// SPDX-License-Identifier: Apache-2.0
// What routines have in common, whatever their elements are. Pure.
#pragma once

#include "blasx/tile/call.hpp"

namespace blasx::tile {

constexpr bool is_symmetric(Routine r) { return r == Routine::Symm || r == Routine::Hemm; }
constexpr bool is_rank(Routine r) { return r == Routine::Syrk || r == Routine::Herk; }
constexpr bool is_rank2(Routine r) { return r == Routine::Syr2k || r == Routine::Her2k; }
constexpr bool is_triangular(Routine r) { return r == Routine::Trmm || r == Routine::Trsm; }
// A is square and stands on one side of the other operand.
constexpr bool has_side(Routine r) { return is_symmetric(r) || is_triangular(r); }
// C is square and one triangle of it is computed.
constexpr bool has_square_c(Routine r) { return r == Routine::Gemmt || is_rank(r) || is_rank2(r); }

}  // namespace blasx::tile
