// SPDX-License-Identifier: Apache-2.0
// The order in which a plan's blocks and panels are taken, and the bytes that this moves: pure arithmetic.
// Blocks and panels go forth and back, so that the two panels a block ends with can begin the next one.
#pragma once

#include <cstdint>
#include <functional>

#include "ooc_gemm/plan/plan.hpp"

namespace ooc_gemm::plan {

struct BlockIndex {
  int64_t i = 0;
  int64_t j = 0;
  bool operator==(const BlockIndex&) const = default;
};

// The block that comes `ordinal`-th, and the product of it that comes `step`-th. Neither depends on what was done
// before: a run that continues sums in the same order.
BlockIndex block_at(const Plan& plan, int64_t ordinal);
int64_t panel_at(const Plan& plan, int64_t ordinal, int64_t step);

struct Traffic {
  int64_t read_bytes = 0;
  int64_t written_bytes = 0;
  bool operator==(const Traffic&) const = default;
};
// What a run moves that skips the blocks for which `finished(ordinal)` holds (null: none).
Traffic traffic(const Plan& plan, const std::function<bool(int64_t)>& finished = nullptr);

}  // namespace ooc_gemm::plan
