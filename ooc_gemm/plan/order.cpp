// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/plan/order.hpp"

namespace ooc_gemm::plan {

BlockIndex block_at(const Plan& plan, int64_t ordinal) {
  const int64_t inner = plan.by_columns ? plan.block_rows() : plan.block_cols();
  const int64_t slow = ordinal / inner;
  const int64_t step = ordinal % inner;
  const int64_t fast = slow % 2 == 0 ? step : inner - 1 - step;
  return plan.by_columns ? BlockIndex{fast, slow} : BlockIndex{slow, fast};
}

int64_t panel_at(const Plan& plan, int64_t ordinal, int64_t step) {
  return ordinal % 2 == 0 ? step : plan.panels() - 1 - step;
}

Traffic traffic(const Plan& plan, const std::function<bool(int64_t)>& finished) {
  const Problem& problem = plan.problem;
  int64_t read = 0;
  int64_t written = 0;
  // The panels that the block before left in memory.
  BlockIndex before{-1, -1};
  int64_t panel_before = -1;
  for (int64_t ordinal = 0; ordinal < plan.blocks(); ++ordinal) {
    if (finished && finished(ordinal)) continue;
    const BlockIndex block = block_at(plan, ordinal);
    const int64_t rows = piece(problem.m, plan.mc, block.i).count;
    const int64_t cols = piece(problem.n, plan.nc, block.j).count;
    read += (rows + cols) * problem.k;
    const int64_t first = panel_at(plan, ordinal, 0);
    if (first == panel_before) {
      const int64_t depth = piece(problem.k, plan.kc, first).count;
      if (block.i == before.i) read -= rows * depth;
      if (block.j == before.j) read -= cols * depth;
    }
    written += rows * cols;
    before = block;
    panel_before = panel_at(plan, ordinal, plan.panels() - 1);
  }
  if (problem.reads_c) read += written;
  return {read * problem.element_bytes, written * problem.element_bytes};
}

}  // namespace ooc_gemm::plan
