// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/pace.hpp"

namespace blasx::tile {

Spot spot_of(const Grid& grid, const Place& p) {
  if (grid.numbering == Numbering::Upper) return {p.j, p.i};
  if (grid.numbering == Numbering::Chains) return {p.position, grid.chains.along_rows ? p.j : p.i};
  return {p.i, p.j};
}

Pace pace_of(const Grid& grid, const BlockInTurn& block, const Place& p, int32_t steps) {
  Pace pace{block.begin};
  // All of a column end together.
  if (grid.form == Form::Replaced) pace.begin += p.position - block.cut.top;
  // A diagonal task has one kernel for both products.
  if (grid.form == Form::TwoTriangle && p.i == p.j) pace.stride = 2;
  pace.last = std::max<int64_t>(0, int64_t{steps} * pace.stride - kLastSteps);
  return pace;
}

std::array<int32_t, 2> uses_in_block(const Grid& grid, const BlockCut& cut, const Place& p,
                                     int32_t step) {
  const int32_t rows = cut.size().rows, cols = cut.size().cols;
  if (is_chain(grid.form)) {
    const bool solved = grid.form == Form::Solved;
    const int32_t read = solved ? step : p.position + step;   // the position of the tile of C
    if (step == (solved ? p.position : 0)) return {cols, 0};  // the diagonal tile alone
    const bool inside = solved ? read >= cut.top : read < cut.bottom;
    int32_t of_c = rows;
    // Solved ones are read by the blocks below too.
    if (inside) of_c = solved ? INT32_MAX : read - cut.top + 1;
    return grid.chains.along_rows ? std::array{cols, of_c} : std::array{of_c, cols};
  }
  const bool upper = grid.numbering == Numbering::Upper;
  if (!cut.diagonal) return upper ? std::array{rows, cols} : std::array{cols, rows};
  if (grid.form != Form::Triangle) return {rows, rows};
  const Spot spot = spot_of(grid, p);
  const int32_t of_row = spot.i - cut.left + 1, of_col = cut.bottom - spot.j;
  return upper ? std::array{of_col, of_row} : std::array{of_row, of_col};
}

int32_t uses_of_old(const Grid& grid, const BlockCut& cut, const Place& p) {
  if (grid.form != Form::Replaced || p.position == cut.top) return 0;
  return p.position - cut.top + 1;
}

}  // namespace blasx::tile
