// SPDX-License-Identifier: Apache-2.0
// The task graph of one call: pure arithmetic from a BlasCall and a tile shape to tiles, tasks and steps. A
// TaskGraph owns only numbers; it is immutable, so any thread may read it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "blasx/tile/call.hpp"
#include "blasx/tile/layout.hpp"

namespace blasx::tile {

// Dense numbers within one graph: tiles of all operands, tasks in the preferred order of execution.
enum class TileId : int32_t { None = -1 };
enum class TaskId : int32_t { None = -1 };
constexpr int32_t index(TileId t) { return static_cast<int32_t>(t); }
constexpr int32_t index(TaskId t) { return static_cast<int32_t>(t); }

// The part of a tile that may be read or written in home memory.
enum class Region : uint8_t { Full, Upper, Lower };

// Edges of the tiles along m, n and k. Families whose A is square use the edge of the dimension A lies on for both sides
// of A; families whose C is square (gemmt, syrk ..) use `m` for both sides of C.
// Where devices are unequal the end of C may be cut finer, so that slow ones find tasks that they finish in time: columns
// from `fine_from` on, of a square C rows and columns, of a C whose A stands on the right rows.
struct TileShape {
  int64_t m = 0, n = 0, k = 0;
  int64_t fine_from = 0, fine = 0;  // 0: none finer
  bool thin = false;        // k is so short that a tile of C takes several blocks of a device
  bool near_first = false;  // trmm reads the tiles nearest to a task's own first, else as they lie
};

enum class Kernel : uint8_t {
  Gemm,
  Gemmt,  // gemm of which only the triangle `uplo` of C counts; with a private C block a plain gemm does
  Symm,
  Hemm,
  Syrk,
  Herk,
  Syr2k,
  Her2k,
  Trmm,   // C = alpha op(A) C or alpha C op(A), in place
  Trsm,   // op(A) X = alpha C or X op(A) = alpha C, X over C
  Scale,  // C = beta C (beta == 0 writes zeros without reading); of a diagonal tile Gemmt or Herk with k == 0 does it
};

// One tile kernel: C = alpha op(A) op(B) + beta C with the meaning of m, n, k of BlasCall, on tiles.
struct Step {
  Kernel kernel = Kernel::Gemm;
  Side side = Side::Left;
  Uplo uplo = Uplo::Upper;
  Op trans_a = Op::NoTrans;
  Op trans_b = Op::NoTrans;
  Diag diag = Diag::NonUnit;
  int64_t m = 0, n = 0, k = 0;
  Scalar alpha = 1.0;
  Scalar beta = 1.0;
  TileId a = TileId::None;  // tiles read, as stored; None where the kernel has no such operand
  TileId b = TileId::None;
};

// How a task hangs on its predecessor.
enum class Edge : uint8_t {
  None,
  ReadAfterWrite,  // trsm: may start only when the predecessor is committed (its result is read)
  WriteAfterRead,  // trmm: may start when the predecessor has started, may commit only after it (which reads the old value)
};

// One output tile and the steps that compute it, in fixed order.
struct Task {
  TileId output = TileId::None;
  Region region = Region::Full;
  bool reads_output = false;  // the first step needs the old value (beta != 0, trmm, trsm)
  int32_t step_count = 0;
  Edge edge = Edge::None;
  TaskId predecessor = TaskId::None;
  TaskId successor = TaskId::None;
  int32_t chain_length = 1;  // tasks from here to the end of its chain, itself included
};

// One operand cut into tiles. Operands that are the same matrix (base, ld, shape, tile edges) are one.
struct Operand {
  std::byte* base = nullptr;
  int64_t ld = 1;
  Cut row_cut, col_cut;
  int32_t mt = 0, nt = 0;
  int32_t first_tile = 0;  // TileId of its (0, 0); tiles are numbered down the columns

  TileId at(int32_t i, int32_t j) const { return TileId{first_tile + i + j * mt}; }
  // Elements of the tiles in block row i, or in block column j.
  int64_t rows_of(int64_t i) const { return row_cut.length(i); }
  int64_t cols_of(int64_t j) const { return col_cut.length(j); }
};

// How the output is cut and its tasks are numbered.
struct Grid {
  Numbering numbering = Numbering::Bands;
  int32_t mt = 0, nt = 0;  // tiles of C
  int32_t kt = 0;          // tiles along the inner dimension
  Chains chains;
  Cut rows, cols;  // of C
  Form form = Form::Rectangle;
};

class TaskGraph {
 public:
  // shape edges >= 1; larger than the matrix means one tile.
  TaskGraph(const BlasCall& call, TileShape shape);

  const BlasCall& call() const { return call_; }
  TileShape shape() const { return shape_; }  // after the constraints of the family were applied

  int32_t task_count() const { return task_count_; }
  Grid grid() const {
    return {numbering_, c().mt,      c().nt,      kt_,
            chains_,    c().row_cut, c().col_cut, form_of(call_, numbering_, shape_.near_first)};
  }
  Task task(TaskId id) const;
  Place place(TaskId id) const;
  Step step(TaskId id, int32_t s) const { return step(place(id), s); }
  Step step(const Place& p, int32_t s) const;
  std::array<TileId, 2> inputs(const Place& p, int32_t s) const;  // a and b of that step
  // Steps first .. first+count-1 as one kernel where their tiles adjoin in home memory (for kernels that work on
  // home memory directly); sets count >= 1.
  Step fused_step(TaskId id, int32_t first, int32_t& count) const;
  double operations(TaskId id) const;

  int32_t tile_count() const { return tile_count_; }
  bool is_output(TileId t) const { return &operand_holding(t) == &c(); }
  // The task whose result step s of a solve reads; None for the solve itself.
  TaskId solved_by(TaskId id, int32_t s) const;
  std::byte* home(TileId t) const;  // address of its first element in the caller's matrix
  int64_t home_ld(TileId t) const;
  int64_t rows(TileId t) const;
  int64_t cols(TileId t) const;
  int64_t bytes(TileId t) const { return rows(t) * cols(t) * element_bytes(call_.type); }

  // A device's block holds any one tile that is read, its columns block_ld() elements apart; a tile of C that is computed
  // takes blocks_of_output() of them.
  int64_t block_ld(TileId t) const;
  std::array<int64_t, 3> block_lds() const;  // of what a step reads as a and b, and of C
  int64_t block_bytes() const { return block_bytes_; }
  int32_t blocks_of_output() const { return blocks_of_output_; }
  int64_t output_bytes() const { return blocks_of_output_ * block_bytes_; }
  // The task's tile is one of the finer ones.
  bool is_fine(const Place& p) const {
    return p.i >= c().row_cut.whole || p.j >= c().col_cut.whole;
  }
  // True where a committed output tile is read by later tasks (trsm).
  bool outputs_are_read() const { return call_.routine == Routine::Trsm && !only_scales_; }

  // Tiles that the same tasks want share a group (a block row of A, a block column of B ...): a device's count of
  // resident tiles per group tells in O(1) how much of a task's input it already has. -1 where there is no second.
  int32_t group_count() const;
  std::array<int32_t, 2> tile_groups(TileId t) const;
  std::array<int32_t, 2> task_groups(TaskId id) const;

 private:
  const Operand& a() const { return operands_[static_cast<size_t>(operand_of_[0])]; }
  const Operand& b() const { return operands_[static_cast<size_t>(operand_of_[1])]; }
  const Operand& c() const { return operands_[static_cast<size_t>(operand_of_[2])]; }
  const Operand& operand_holding(TileId t) const;
  void lay_out_blocks();
  void add_operand(int slot, const void* base, int64_t ld, const Cut& row_cut, const Cut& col_cut);

  Region task_region(const Place& p) const;
  Step step_of_family(const Place& p, int32_t s) const;  // without m and n
  Step scale_step(const Place& p) const;
  Step product_step(const Place& p, int32_t s) const;  // gemm, gemmt
  std::array<TileId, 2> product_inputs(const Place& p, int32_t s) const;
  Step symmetric_step(const Place& p, int32_t s) const;   // symm, hemm
  Step rank_step(const Place& p, int32_t s) const;        // syrk, herk
  Step rank2_step(const Place& p, int32_t s) const;       // syr2k, her2k
  Step triangular_step(const Place& p, int32_t s) const;  // trmm, trsm
  std::array<int32_t, 2> groups_of(const Operand& operand, int slot, int32_t i, int32_t j) const;

  BlasCall call_;
  TileShape shape_;
  std::array<Operand, 3> operands_{};
  std::array<int, 3> operand_of_{-1, -1,
                                 -1};  // a, b, c -> index into operands_; -1: the call has none
  int operand_count_ = 0;
  Numbering numbering_ = Numbering::Bands;
  Chains chains_;
  bool only_scales_ = false;
  int32_t kt_ = 0;  // tiles along the inner dimension
  int32_t task_count_ = 0;
  int32_t tile_count_ = 0;
  std::array<int64_t, 3> block_lds_{};  // by operand
  int64_t block_bytes_ = 0;
  int32_t blocks_of_output_ = 1;
};

}  // namespace blasx::tile
