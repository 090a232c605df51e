// SPDX-License-Identifier: Apache-2.0
// Turns finished device operations into timeline entries. Free functions over the process's timeline.
#pragma once

#include <cstdint>

#include "blasx/device/device.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::runtime {

struct Operation {
  enum class Kind : uint8_t { FetchHome, FetchPeer, Compute, Store };
  Kind kind;
  int32_t row;        // the device's number in the timeline
  int32_t stream;     // of a Compute
  tile::TaskId task;  // None for a fetch
  tile::TileId tile;  // None for a Compute
  int64_t start_ns, end_ns;
};

// Ask before building an Operation.
bool timeline_wanted();
// Device `row` appears under its name.
void name_timeline_row(int32_t row, const device::DeviceInfo& device);
void note_operation(const tile::TaskGraph& graph, const Operation& operation);

}  // namespace blasx::runtime
