// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/plan/order.hpp"

#include <algorithm>

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

namespace {

// The panels of one operand that are in memory: the one used last, and the one before.
class Held {
 public:
  Held(int64_t depth, int64_t panel_depth)
      : depth_(depth),
        panel_depth_(panel_depth),
        panels_((depth + panel_depth - 1) / panel_depth) {}

  // Elements of the depth that a block of the operand's row or column `place` finds there, forth or back.
  int64_t found(int64_t place, bool forth) {
    int64_t found = 0;
    // Later ones find none: these two are then what is there.
    for (int64_t step = 0; step < std::min<int64_t>(panels_, 2); ++step) {
      const Panel now{place, forth ? step : panels_ - 1 - step};
      if (now == last_) {
        found += piece(depth_, panel_depth_, now.index).count;
        continue;
      }
      if (now == before_) found += piece(depth_, panel_depth_, now.index).count;
      before_ = last_;
      last_ = now;
    }
    if (panels_ > 2) {
      last_ = {place, forth ? panels_ - 1 : 0};
      before_ = {place, forth ? panels_ - 2 : 1};
    }
    return found;
  }

 private:
  struct Panel {
    int64_t place = -1;
    int64_t index = -1;
    bool operator==(const Panel&) const = default;
  };
  int64_t depth_;
  int64_t panel_depth_;
  int64_t panels_;
  Panel last_;
  Panel before_;
};

}  // namespace

Traffic traffic(const Plan& plan, const std::function<bool(int64_t)>& finished) {
  const Problem& problem = plan.problem;
  int64_t read = 0;
  int64_t written = 0;
  Held a(problem.k, plan.kc * plan.a_products);
  Held b(problem.k, plan.kc * plan.b_products);
  for (int64_t ordinal = 0; ordinal < plan.blocks(); ++ordinal) {
    if (finished && finished(ordinal)) continue;
    const BlockIndex block = block_at(plan, ordinal);
    const int64_t rows = piece(problem.m, plan.mc, block.i).count;
    const int64_t cols = piece(problem.n, plan.nc, block.j).count;
    const bool forth = ordinal % 2 == 0;
    read += rows * (problem.k - a.found(block.i, forth));
    read += cols * (problem.k - b.found(block.j, forth));
    written += rows * cols;
  }
  if (problem.reads_c) read += written;
  return {read * problem.element_bytes, written * problem.element_bytes};
}

}  // namespace ooc_gemm::plan
