// SPDX-License-Identifier: Apache-2.0
// Choice of the tile edges of a call. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "blasx/tile/blocks.hpp"
#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"
#include "blasx/tile/unequal.hpp"
#include "common/status.hpp"

namespace blasx::tile {

struct ShapeFacts {
  std::optional<int64_t> tile;  // edge the user asked for
  int32_t streams = 1;          // tasks that can be in progress at once, over all devices
  int64_t arena_bytes = 0;      // of the smallest arena; 0: every device works on home memory
  int32_t arenas = 0;
  int32_t streams_per_arena = 1;
  // The most of any arena's device: its operations a second for each byte a second that reach it from home; 0: not known.
  double operations_per_byte = 0;
  double operations_per_second = 0;          // of the fastest of them; 0: not known
  double slowest_operations_per_second = 0;  // 0: not known of all of them
  double all_operations_per_second = 0;      // of all of them together
  std::vector<ArenaDevice> devices = {};     // each of them
  bool peers = false;                        // some get tiles sooner from each other than from home

  void add_arena(ArenaDevice device);
};

// With arenas: square tiles, the larger the more a device computes for each byte that its link brings. Where a lone one's memory does not
// hold the matrices and its kernels are faster than its link: those of whose blocks it is done soonest (blocks.hpp), of gemm and triangles also such as are shorter along k. Where it holds
// them anyway, just so large that a kernel outlasts the decision about it. Small enough that every stream has a task where the
// matrix allows it, also where devices differ in speed (cores, which run one kernel at a time, get equal parts instead), and that
// an arena holds the working set of each of its streams (C, and two steps' A and B). Where devices differ and it is known how
// fast their kernels are by size, and for solves: as unequal.hpp has it. On the processor alone: panels that leave each kernel
// as large as can be, since there a tile need not be fetched.
// OutOfMemory if an arena does not even hold three of the smallest tiles.
Result<TileShape> choose_tile_shape(const BlasCall& call, const ShapeFacts& facts);

// Of a whole tile of the graph on a device of these rates; nothing where one is not known.
TileTimes tile_times(const TaskGraph& graph, double operations_per_second, double bytes_per_second);

// Tasks that a device with `blocks` blocks should have under way, at least one for each of its streams: together they are
// a square of C so large that what they compute for a tile of A or B takes as long as its way. They advance together as
// tiles come, so that the device need not wait until one task has all of its own.
int32_t tasks_under_way(const TaskGraph& graph, int32_t streams, int64_t blocks,
                        double operations_per_byte, TileTimes times = {});

}  // namespace blasx::tile
