// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/graph.hpp"

#include <algorithm>

#include "blasx/tile/families.hpp"

namespace blasx::tile {
namespace {

constexpr int64_t kCacheLine = 64;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

bool is_product(Routine r) {
  return r == Routine::Gemm || r == Routine::Gemm3m || r == Routine::Gemmt;
}

}  // namespace

void TaskGraph::add_operand(int slot, const void* base, int64_t ld, const Cut& row_cut,
                            const Cut& col_cut) {
  Operand operand;
  operand.base = static_cast<std::byte*>(const_cast<void*>(base));
  operand.ld = ld;
  operand.row_cut = row_cut;
  operand.col_cut = col_cut;
  operand.mt = static_cast<int32_t>(row_cut.count());
  operand.nt = static_cast<int32_t>(col_cut.count());
  // a @ a.T: one matrix in two roles is fetched once.
  if (slot == 1 && operand_of_[0] >= 0) {
    const Operand& first = a();
    if (first.base == operand.base && first.ld == ld && first.row_cut == row_cut &&
        first.col_cut == col_cut) {
      operand_of_[1] = operand_of_[0];
      return;
    }
  }
  operand.first_tile = tile_count_;
  tile_count_ += operand.mt * operand.nt;
  operand_of_[static_cast<size_t>(slot)] = operand_count_;
  operands_[static_cast<size_t>(operand_count_++)] = operand;
}

TaskGraph::TaskGraph(const BlasCall& call, TileShape shape) : call_(call), shape_(shape) {
  const Routine r = call.routine;
  const bool left = call.side == Side::Left;
  const bool square_c = has_square_c(r);
  const auto fit = [](int64_t edge, int64_t size) {
    return std::clamp<int64_t>(edge, 1, std::max<int64_t>(1, size));
  };
  shape_.m = fit(shape.m, call.m);
  shape_.n = square_c ? shape_.m : fit(shape.n, call.n);
  if (has_side(r)) {
    shape_.k = left ? shape_.m : shape_.n;
  } else {
    shape_.k = fit(shape.k, call.k);
  }

  // Without a product A and B are not read: they are no operands then.
  only_scales_ = call.alpha == Scalar(0.0) || (call.k == 0 && !has_side(r));
  const int64_t side = left ? call.m : call.n;
  // The finer tiles lie where no task's steps follow each other.
  const bool fine_rows = square_c || (has_side(r) && !left);
  const bool fine_cols = square_c || !fine_rows;
  const auto cut_if = [&](bool finer, int64_t size, int64_t edge) {
    return finer ? cut(size, edge, shape_.fine_from, shape_.fine) : cut(size, edge);
  };
  const Cut m = cut_if(fine_rows, call.m, shape_.m), n = cut_if(fine_cols, call.n, shape_.n);
  const Cut k = cut(has_side(r) ? side : call.k, shape_.k);
  const bool plain_a = call.trans_a == Op::NoTrans;
  if (!only_scales_) {
    if (has_side(r)) {
      add_operand(0, call.a, call.lda, k, k);
    } else if (plain_a) {
      add_operand(0, call.a, call.lda, m, k);
    } else {
      add_operand(0, call.a, call.lda, k, m);
    }
    if (is_symmetric(r)) {
      add_operand(1, call.b, call.ldb, m, n);
    } else if (is_product(r)) {
      const bool plain_b = call.trans_b == Op::NoTrans;
      if (plain_b) add_operand(1, call.b, call.ldb, k, n);
      if (!plain_b) add_operand(1, call.b, call.ldb, n, k);
    } else if (is_rank2(r)) {
      if (plain_a) add_operand(1, call.b, call.ldb, n, k);
      if (!plain_a) add_operand(1, call.b, call.ldb, k, n);
    }
  }
  add_operand(2, call.c, call.ldc, m, n);

  kt_ = static_cast<int32_t>(k.count());
  numbering_ = only_scales_ && is_triangular(r) ? Numbering::Bands : numbering_of(call);
  chains_ = chains_of(call, c().mt, c().nt);
  task_count_ = count_tasks(numbering_, c().mt, c().nt);

  lay_out_blocks();
}

// Whole cache lines, and one more: columns a power of two apart would share cache sets.
void TaskGraph::lay_out_blocks() {
  const int64_t element = element_bytes(call_.type), line = kCacheLine / element;
  const auto padded = [&](int64_t rows) { return (divide_up(rows, line) + 1) * line; };
  std::array<int64_t, 3> bytes{};
  const auto count = static_cast<size_t>(operand_count_);
  int64_t most_rows = 1, most_cols = 1;
  for (size_t o = 0; o < count; ++o) {
    const int64_t rows = std::max<int64_t>(1, operands_[o].rows_of(0));
    const int64_t cols = std::max<int64_t>(1, operands_[o].cols_of(0));
    most_rows = std::max(most_rows, rows);
    most_cols = std::max(most_cols, cols);
    block_lds_[o] = padded(rows);
    bytes[o] = padded(rows) * cols * element;
  }
  if (!shape_.thin || count < 2) {
    block_lds_.fill(padded(most_rows));
    block_bytes_ = padded(most_rows) * most_cols * element;
    return;
  }
  // C is the last operand.
  block_bytes_ = *std::max_element(bytes.begin(), bytes.begin() + operand_count_ - 1);
  blocks_of_output_ = static_cast<int32_t>(divide_up(bytes[count - 1], block_bytes_));
}

int64_t TaskGraph::block_ld(TileId t) const {
  return block_lds_[static_cast<size_t>(&operand_holding(t) - operands_.data())];
}

std::array<int64_t, 3> TaskGraph::block_lds() const {
  std::array<int64_t, 3> lds{};
  for (size_t slot = 0; slot < 3; ++slot) {
    const int o = operand_of_[slot] >= 0 ? operand_of_[slot] : std::max(0, operand_of_[0]);
    lds[slot] = block_lds_[static_cast<size_t>(o)];
  }
  return lds;
}

const Operand& TaskGraph::operand_holding(TileId t) const {
  int o = operand_count_ - 1;
  while (o > 0 && operands_[static_cast<size_t>(o)].first_tile > index(t)) --o;
  return operands_[static_cast<size_t>(o)];
}

int64_t TaskGraph::rows(TileId t) const {
  const Operand& o = operand_holding(t);
  return o.rows_of((index(t) - o.first_tile) % o.mt);
}

int64_t TaskGraph::cols(TileId t) const {
  const Operand& o = operand_holding(t);
  return o.cols_of((index(t) - o.first_tile) / o.mt);
}

std::byte* TaskGraph::home(TileId t) const {
  const Operand& o = operand_holding(t);
  const int64_t i = (index(t) - o.first_tile) % o.mt;
  const int64_t j = (index(t) - o.first_tile) / o.mt;
  return o.base + (o.row_cut.begin(i) + o.col_cut.begin(j) * o.ld) * element_bytes(call_.type);
}

int64_t TaskGraph::home_ld(TileId t) const { return operand_holding(t).ld; }

Place TaskGraph::place(TaskId id) const {
  return place_of(index(id), numbering_, c().mt, c().nt, chains_);
}

Region TaskGraph::task_region(const Place& p) const {
  const bool triangle = numbering_ == Numbering::Lower || numbering_ == Numbering::Upper;
  if (!triangle || p.i != p.j) return Region::Full;
  return call_.uplo == Uplo::Upper ? Region::Upper : Region::Lower;
}

Task TaskGraph::task(TaskId id) const {
  const Place p = place(id);
  Task t;
  t.output = c().at(p.i, p.j);
  t.region = task_region(p);
  t.reads_output = call_.beta != Scalar(0.0);
  if (only_scales_) {
    t.reads_output = t.reads_output && !is_triangular(call_.routine);
    t.step_count = 1;
    return t;
  }
  t.step_count = kt_;
  if (is_rank2(call_.routine) && p.i != p.j) t.step_count = 2 * kt_;
  if (numbering_ != Numbering::Chains) return t;

  // A triangle's row has as many tiles as members of the chain come before it (trsm) or after it (trmm).
  const bool solve = call_.routine == Routine::Trsm;
  t.reads_output = true;
  t.step_count = solve ? p.position + 1 : chains_.length - p.position;
  t.chain_length = chains_.length - p.position;
  if (p.position > 0) {
    t.edge = solve ? Edge::ReadAfterWrite : Edge::WriteAfterRead;
    t.predecessor = TaskId{index(id) - chains_.lanes};
  }
  if (p.position + 1 < chains_.length) t.successor = TaskId{index(id) + chains_.lanes};
  return t;
}

Step TaskGraph::step_of_family(const Place& p, int32_t s) const {
  if (only_scales_) return scale_step(p);
  if (is_product(call_.routine)) return product_step(p, s);
  if (is_symmetric(call_.routine)) return symmetric_step(p, s);
  if (is_rank(call_.routine)) return rank_step(p, s);
  if (is_rank2(call_.routine)) return rank2_step(p, s);
  return triangular_step(p, s);
}

Step TaskGraph::step(const Place& p, int32_t s) const {
  Step step = step_of_family(p, s);
  step.m = c().rows_of(p.i);
  step.n = c().cols_of(p.j);
  return step;
}

std::array<TileId, 2> TaskGraph::inputs(const Place& p, int32_t s) const {
  if (is_product(call_.routine) && !only_scales_) return product_inputs(p, s);
  const Step step = step_of_family(p, s);
  return {step.a, step.b};
}

Step TaskGraph::scale_step(const Place& p) const {
  Step step;
  step.kernel = Kernel::Scale;
  step.uplo = call_.uplo;
  step.alpha = 0.0;
  step.beta = is_triangular(call_.routine) ? Scalar(0.0) : call_.beta;
  if (task_region(p) != Region::Full) {
    // Only the triangle is scaled; a Hermitian one gets a real diagonal, as from herk with nothing to add.
    const bool hermitian = call_.routine == Routine::Herk || call_.routine == Routine::Her2k;
    step.kernel = hermitian ? Kernel::Herk : Kernel::Gemmt;
  }
  return step;
}

namespace {

// The same kernel on the tiles that follow along k.
bool continues(const Step& first, const Step& last, const Step& next, int32_t a_stride,
               int32_t b_stride) {
  const auto follows = [](TileId now, TileId then, int32_t stride) {
    return now == TileId::None ? then == TileId::None : index(then) == index(now) + stride;
  };
  return next.kernel == first.kernel && next.trans_a == first.trans_a &&
         next.trans_b == first.trans_b && next.alpha == first.alpha && next.beta == Scalar(1.0) &&
         follows(last.a, next.a, a_stride) && follows(last.b, next.b, b_stride);
}

bool has_inner_dimension(Kernel kernel) {
  switch (kernel) {
    case Kernel::Gemm:
    case Kernel::Gemmt:
    case Kernel::Syrk:
    case Kernel::Herk:
    case Kernel::Syr2k:
    case Kernel::Her2k:
      return true;
    default:
      return false;
  }
}

}  // namespace

Step TaskGraph::fused_step(TaskId id, int32_t first, int32_t& count) const {
  Step fused = step(id, first);
  count = 1;
  if (!has_inner_dimension(fused.kernel) || fused.a == TileId::None) return fused;
  const bool product = fused.kernel == Kernel::Gemm || fused.kernel == Kernel::Gemmt;
  // k runs along the columns of an operand as it is stored, or along its rows.
  const int32_t a_stride = fused.trans_a == Op::NoTrans ? operand_holding(fused.a).mt : 1;
  int32_t b_stride = 0;
  if (fused.b != TileId::None) {
    const bool along_columns =
        product ? fused.trans_b != Op::NoTrans : fused.trans_a == Op::NoTrans;
    b_stride = along_columns ? operand_holding(fused.b).mt : 1;
  }
  // Chains from below take the tiles backwards; the last is then the base.
  const bool in_order = call_.routine == Routine::Trmm && !shape_.near_first;
  const bool backwards = numbering_ == Numbering::Chains && !chains_.ascending && !in_order;
  const int32_t way = backwards ? -1 : 1;
  const int32_t steps = task(id).step_count;
  Step last = fused;
  while (first + count < steps) {
    const Step next = step(id, first + count);
    if (!continues(fused, last, next, way * a_stride, way * b_stride)) break;
    fused.k += next.k;
    last = next;
    ++count;
  }
  if (backwards) {
    fused.a = last.a;
    fused.b = last.b;
  }
  return fused;
}

TaskId TaskGraph::solved_by(TaskId id, int32_t s) const {
  const int32_t back = place(id).position - s;
  return back > 0 ? TaskId{index(id) - back * chains_.lanes} : TaskId::None;
}

double TaskGraph::operations(TaskId id) const {
  double sum = 0;
  const int32_t steps = task(id).step_count;
  for (int32_t s = 0; s < steps; ++s) {
    const Step st = step(id, s);
    const auto m = static_cast<double>(st.m);
    const auto n = static_cast<double>(st.n);
    const auto k = static_cast<double>(st.k);
    switch (st.kernel) {
      case Kernel::Gemm:
        sum += 2 * m * n * k;
        break;
      case Kernel::Gemmt:
      case Kernel::Syrk:
      case Kernel::Herk:
        sum += n * (n + 1) * k;
        break;
      case Kernel::Syr2k:
      case Kernel::Her2k:
        sum += 2 * n * (n + 1) * k;
        break;
      case Kernel::Symm:
      case Kernel::Hemm:
        sum += 2 * m * n * (st.side == Side::Left ? m : n);
        break;
      case Kernel::Trmm:
      case Kernel::Trsm:
        sum += m * n * (st.side == Side::Left ? m : n);
        break;
      case Kernel::Scale:
        sum += m * n;
        break;
    }
  }
  return sum * (is_complex(call_.type) ? 4 : 1);
}

// Groups: block rows of C are 0 .. mt-1, block columns mt .. mt+nt-1; for a square C whose both sides come from the same
// operand (syrk and relatives) one range serves both.
int32_t TaskGraph::group_count() const {
  return is_rank(call_.routine) || is_rank2(call_.routine) ? c().mt : c().mt + c().nt;
}

std::array<int32_t, 2> TaskGraph::task_groups(TaskId id) const {
  const Place p = place(id);
  if (only_scales_) return {-1, -1};
  if (is_rank(call_.routine) || is_rank2(call_.routine)) return {p.i, p.i == p.j ? -1 : p.j};
  return {p.i, c().mt + p.j};
}

std::array<int32_t, 2> TaskGraph::groups_of(const Operand& /*operand*/, int slot, int32_t i,
                                            int32_t j) const {
  const Routine r = call_.routine;
  const int32_t columns = c().mt;
  const bool left = call_.side == Side::Left;
  const bool plain_a = call_.trans_a == Op::NoTrans;
  if (is_product(r)) {
    if (slot == 0) return {plain_a ? i : j, -1};
    if (slot == 1) return {columns + (call_.trans_b == Op::NoTrans ? j : i), -1};
  } else if (is_rank(r) || is_rank2(r)) {
    if (slot != 2) return {plain_a ? i : j, -1};
  } else if (is_symmetric(r)) {
    const int32_t base = left ? 0 : columns;
    if (slot == 0) return {base + i, i == j ? -1 : base + j};
    if (slot == 1) return {left ? columns + j : i, -1};
  } else {
    if (slot == 0) return {left ? (plain_a ? i : j) : columns + (plain_a ? j : i), -1};
    return {left ? columns + j : i, -1};
  }
  return {-1, -1};
}

std::array<int32_t, 2> TaskGraph::tile_groups(TileId t) const {
  const Operand& o = operand_holding(t);
  const int32_t i = (index(t) - o.first_tile) % o.mt;
  const int32_t j = (index(t) - o.first_tile) / o.mt;
  int slot = 0;
  while (operand_of_[static_cast<size_t>(slot)] < 0 ||
         &operands_[static_cast<size_t>(operand_of_[static_cast<size_t>(slot)])] != &o) {
    ++slot;
  }
  std::array<int32_t, 2> groups = groups_of(o, slot, i, j);
  // One matrix in both roles serves the rows as A and the columns as B.
  if (slot == 0 && operand_of_[1] == operand_of_[0] && groups[1] < 0) {
    const int32_t as_b = groups_of(o, 1, i, j)[0];
    if (as_b != groups[0]) groups[1] = as_b;
  }
  return groups;
}

}  // namespace blasx::tile
