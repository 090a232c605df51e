// SPDX-License-Identifier: Apache-2.0
// In which order the tasks of a call are best taken: the output is cut into zones, one for each group of devices that share
// what they fetch, and a zone into bands as high as its memory allows. Pure.
// Sources: Kwasniewski et al. (SC 2019) for how few bytes must move; Wang et al., BLASX (ICS 2016) for the tasks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "blasx/tile/blocks.hpp"
#include "blasx/tile/graph.hpp"
#include "blasx/tile/pace.hpp"

namespace blasx::tile {

struct Zone {
  double share = 1;     // of the work, beside the other zones' shares
  int64_t blocks = 0;   // that its devices hold together; 0: nothing has to be fetched
  int32_t streams = 1;  // of all its devices
  int32_t tasks = 1;    // that they have under way at once
  int32_t devices = 1;
  TileTimes times = {};  // of its only device
  int32_t blocks_of_output = 1;
};

// Where a task stands: in which zone, and as which of its tasks.
struct Turn {
  int32_t zone = 0;
  int32_t number = 0;
  int32_t block = 0;  // of tasks that advance together, where the zone has such
};

struct Order {
  struct Zone {
    std::vector<TaskId> tasks;        // in turn
    int32_t whole = 0;                // of them, before those of finer tiles
    bool tight = false;               // its devices cannot keep all that the zone reads
    Block block;                      // tight, and cut into blocks of tasks that advance together
    std::vector<BlockInTurn> blocks;  // by number; at the borders they may be smaller
  };
  std::vector<Turn> turns;  // by TaskId
  std::vector<Zone> zones;
  int32_t staying = 0;  // which of a task's groups (TaskGraph::task_groups) is what a band keeps
};

// All of C.
Tiles tiles_of(const Grid& grid);

// Zones lie side by side: rectangles of C as nearly square as can be where all of it is computed, rows of a triangle, whole
// chains of trmm and trsm. A zone may be empty. Bands: rows of C that are walked column by column (chains: columns that are
// walked together), so that what they read stays while everything else streams past. Tasks of finer tiles come last in a zone.
Order order_tasks(const TaskGraph& graph, std::span<const Zone> zones);

}  // namespace blasx::tile
