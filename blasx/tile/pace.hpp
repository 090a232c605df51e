// SPDX-License-Identifier: Apache-2.0
// How the tasks of a block of C keep pace with each other, and how many of them use a tile. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "blasx/tile/blocks.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::tile {

// Where a task stands among a call's blocks: of an upper triangle its mirror image, of chains position and chain.
struct Spot {
  int32_t i = 0, j = 0;
};
Spot spot_of(const Grid& grid, const Place& p);

// A block in its turn. Places are moments of a device's work: tasks of a block do the steps of one place side by side.
struct BlockInTurn {
  BlockCut cut;
  int64_t begin = 0;  // its first place
};

struct Pace {
  int64_t begin = 0;   // the place of the task's first step
  int32_t stride = 1;  // places from one step to the next
  int64_t last = 0;    // places after which it does the steps that are left at once
  int64_t place(int32_t step) const { return begin + std::min(int64_t{step} * stride, last); }
};
Pace pace_of(const Grid& grid, const BlockInTurn& block, const Place& p, int32_t steps);

// How many steps of the block's tasks read what that step reads as a and b. INT32_MAX: those of other blocks do so too.
std::array<int32_t, 2> uses_in_block(const Grid& grid, const BlockCut& cut, const Place& p,
                                     int32_t step);
// The same of the old value of the task's own tile, where others read it before it is replaced; 0 elsewhere. The task's copy of it
// counts as one.
int32_t uses_of_old(const Grid& grid, const BlockCut& cut, const Place& p);

}  // namespace blasx::tile
