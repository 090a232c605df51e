// SPDX-License-Identifier: Apache-2.0
// Graphs of a few tiles on addresses that nobody reads, and their orders where memory is so short that C has blocks.
#pragma once

#include <functional>

#include "blasx/tile/order.hpp"

namespace blasx::tile {

// `other`: upper, and A from the right. `fine_from`: the tile from which on C is cut in halves, -1: none.
TaskGraph graph_of(Routine routine, int64_t mt, int64_t nt, int64_t kt, bool other = false,
                   int64_t fine_from = -1);

// Of all families, of one zone and of two, with finer tiles and without.
void for_each_with_blocks(const std::function<void(const TaskGraph&, const Order&)>& look);

}  // namespace blasx::tile
