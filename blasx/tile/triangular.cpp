// SPDX-License-Identifier: Apache-2.0
// Steps of trmm and trsm, in place: each task is a chain member (layout.hpp).
// Source: Wang et al., BLASX (ICS 2016), section 3, equations 1e and 1f.
#include "blasx/tile/graph.hpp"

namespace blasx::tile {

// trmm: the own tile times the diagonal tile first, then the products with the other old tiles; from the nearest on tasks of
// neighbouring tiles come to the far ones together.
// trsm: the products with the solved tiles first, in the order in which they are solved, so that a task can begin before the last
// of them is; then the solve.
Step TaskGraph::triangular_step(const Place& p, int32_t s) const {
  const bool left = call_.side == Side::Left;
  const bool solve = call_.routine == Routine::Trsm;
  const int32_t own = left ? p.i : p.j;
  const int32_t others = solve ? p.position : chains_.length - 1 - p.position;
  const int32_t diagonal_at = solve ? others : 0;
  Step step;
  step.side = call_.side;
  step.uplo = call_.uplo;
  step.diag = call_.diag;
  if (s == diagonal_at) {
    step.kernel = solve ? Kernel::Trsm : Kernel::Trmm;
    step.trans_a = call_.trans_a;
    step.a = a().at(own, own);
    // Earlier steps of a solve have applied alpha to C.
    step.alpha = solve && others > 0 ? Scalar(1.0) : call_.alpha;
    return step;
  }
  // The other tiles lie before or after the own one.
  const bool lower = effectively_lower(call_) == left;
  const int32_t from_far = lower ? s : own + others - s;
  const int32_t from_near = lower ? own - s : own + s;
  const int32_t from_first = lower ? s - 1 : own + s;
  const int32_t l = solve ? from_far : shape_.near_first ? from_near : from_first;
  const bool plain = call_.trans_a == Op::NoTrans;
  const int32_t row = left ? own : l;  // of op(A)'s tile
  const int32_t col = left ? l : own;
  const TileId tile_a = plain ? a().at(row, col) : a().at(col, row);
  const TileId tile_c = left ? c().at(l, p.j) : c().at(p.i, l);
  step.kernel = Kernel::Gemm;
  step.a = left ? tile_a : tile_c;
  step.b = left ? tile_c : tile_a;
  step.trans_a = left ? call_.trans_a : Op::NoTrans;
  step.trans_b = left ? Op::NoTrans : call_.trans_a;
  step.k = left ? c().rows_of(l) : c().cols_of(l);
  step.alpha = solve ? Scalar(-1.0) : call_.alpha;
  step.beta = solve && s == 0 ? call_.alpha : Scalar(1.0);
  return step;
}

}  // namespace blasx::tile
