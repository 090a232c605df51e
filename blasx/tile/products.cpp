// SPDX-License-Identifier: Apache-2.0
// Steps of the families whose output tiles do not depend on each other: gemm, gemmt, symm, hemm, syrk .. her2k.
// Source: Wang et al., BLASX (ICS 2016), section 3, equations 1a to 1f.
#include "blasx/tile/graph.hpp"

namespace blasx::tile {
namespace {

Scalar beta_of_step(const BlasCall& call, int32_t s) { return s == 0 ? call.beta : Scalar(1.0); }

}  // namespace

std::array<TileId, 2> TaskGraph::product_inputs(const Place& p, int32_t s) const {
  return {call_.trans_a == Op::NoTrans ? a().at(p.i, s) : a().at(s, p.i),
          call_.trans_b == Op::NoTrans ? b().at(s, p.j) : b().at(p.j, s)};
}

Step TaskGraph::product_step(const Place& p, int32_t s) const {
  const bool plain_a = call_.trans_a == Op::NoTrans;
  const std::array<TileId, 2> inputs = product_inputs(p, s);
  Step step;
  const bool triangle = call_.routine == Routine::Gemmt && p.i == p.j;
  step.kernel = triangle ? Kernel::Gemmt : Kernel::Gemm;
  step.uplo = call_.uplo;
  step.trans_a = call_.trans_a;
  step.trans_b = call_.trans_b;
  step.alpha = call_.alpha;
  step.beta = beta_of_step(call_, s);
  step.a = inputs[0];
  step.b = inputs[1];
  step.k = plain_a ? a().cols_of(s) : a().rows_of(s);
  return step;
}

// C_ij = sum over k of A_ik B_kj (A from the left) or B_ik A_kj. Of a pair A_ik, A_ki only one is stored; the other is
// its transpose.
Step TaskGraph::symmetric_step(const Place& p, int32_t s) const {
  const bool left = call_.side == Side::Left;
  const bool hermitian = call_.routine == Routine::Hemm;
  const int32_t row = left ? p.i : s;  // of A's tile in the full matrix
  const int32_t col = left ? s : p.j;
  const bool stored = call_.uplo == Uplo::Lower ? row >= col : row <= col;
  const TileId tile_a = stored ? a().at(row, col) : a().at(col, row);
  const TileId tile_b = left ? b().at(s, p.j) : b().at(p.i, s);
  Step step;
  step.side = call_.side;
  step.uplo = call_.uplo;
  step.alpha = call_.alpha;
  step.beta = beta_of_step(call_, s);
  if (row == col) {
    step.kernel = hermitian ? Kernel::Hemm : Kernel::Symm;
    step.a = tile_a;
    step.b = tile_b;
    return step;
  }
  const Op mirrored = hermitian ? Op::ConjTrans : Op::Trans;
  const Op op_a = stored ? Op::NoTrans : mirrored;
  step.kernel = Kernel::Gemm;
  step.a = left ? tile_a : tile_b;
  step.b = left ? tile_b : tile_a;
  step.trans_a = left ? op_a : Op::NoTrans;
  step.trans_b = left ? Op::NoTrans : op_a;
  step.k = left ? b().rows_of(s) : b().cols_of(s);
  return step;
}

Step TaskGraph::rank_step(const Place& p, int32_t s) const {
  const bool hermitian = call_.routine == Routine::Herk;
  const bool plain = call_.trans_a == Op::NoTrans;
  const Op other = hermitian ? Op::ConjTrans : Op::Trans;
  Step step;
  step.uplo = call_.uplo;
  step.alpha = call_.alpha;
  step.beta = beta_of_step(call_, s);
  step.a = plain ? a().at(p.i, s) : a().at(s, p.i);
  step.k = plain ? a().cols_of(s) : a().rows_of(s);
  if (p.i == p.j) {
    step.kernel = hermitian ? Kernel::Herk : Kernel::Syrk;
    step.trans_a = call_.trans_a;
    return step;
  }
  step.kernel = Kernel::Gemm;
  step.trans_a = plain ? Op::NoTrans : other;
  step.trans_b = plain ? other : Op::NoTrans;
  step.b = plain ? a().at(p.j, s) : a().at(s, p.j);
  return step;
}

// Off the diagonal each k has two products: A_i B_j' and B_i A_j'.
Step TaskGraph::rank2_step(const Place& p, int32_t s) const {
  const bool hermitian = call_.routine == Routine::Her2k;
  const bool plain = call_.trans_a == Op::NoTrans;
  const Op other = hermitian ? Op::ConjTrans : Op::Trans;
  const bool diagonal = p.i == p.j;
  const int32_t l = diagonal ? s : s / 2;
  const bool second = !diagonal && s % 2 == 1;
  const Operand& first_factor = second ? b() : a();
  const Operand& second_factor = second ? a() : b();
  Step step;
  step.uplo = call_.uplo;
  step.alpha = second && hermitian ? std::conj(call_.alpha) : call_.alpha;
  step.beta = beta_of_step(call_, s);
  step.a = plain ? first_factor.at(p.i, l) : first_factor.at(l, p.i);
  step.b = plain ? second_factor.at(p.j, l) : second_factor.at(l, p.j);
  step.k = plain ? first_factor.cols_of(l) : first_factor.rows_of(l);
  if (diagonal) {
    step.kernel = hermitian ? Kernel::Her2k : Kernel::Syr2k;
    step.trans_a = call_.trans_a;
    return step;
  }
  step.kernel = Kernel::Gemm;
  step.trans_a = plain ? Op::NoTrans : other;
  step.trans_b = plain ? other : Op::NoTrans;
  return step;
}

}  // namespace blasx::tile
