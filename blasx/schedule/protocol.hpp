// SPDX-License-Identifier: Apache-2.0
// What the scheduler and its drivers say to each other: commands out, events in. Plain values; the driver may keep,
// log, replay or reorder them as its devices do.
#pragma once

#include <cstdint>
#include <variant>

#include "blasx/tile/blocks.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::schedule {

using tile::Region;
using tile::TaskId;
using tile::TileId;

enum class DeviceId : int32_t { Home = -1 };  // Home: the caller's memory
enum class BlockId : int32_t { None = -1 };
enum class OpId : int64_t { None = -1 };
constexpr int32_t index(DeviceId d) { return static_cast<int32_t>(d); }
constexpr int32_t index(BlockId b) { return static_cast<int32_t>(b); }

enum class Memory : uint8_t {
  Arena,  // blocks of its own; tiles are fetched, results stored
  Home,   // kernels work on the caller's memory directly (the CPU)
};

struct DeviceSpec {
  Memory memory = Memory::Arena;
  int32_t streams = 1;  // queues of kernels
  int32_t tasks = 0;    // in progress at once; 0: one for each stream
  int32_t blocks = 0;   // arena blocks of TaskGraph::block_bytes()
  int32_t outputs =
      0;  // of them: the first, of TaskGraph::blocks_of_output() times that; 0: all are alike
  bool spare = false;  // takes tasks only when every other device is lost
  // Measured or assumed: how much of the output is laid out for the device, where all are known. Who is slow the scheduler
  // learns from the durations reported.
  double operations_per_second = 0;
  tile::TileTimes times = {};  // of a whole tile, for a device without peers
  int32_t units = 0;  // kernels that truly run at the same time; 0: unknown, between 1 and streams
};

// Rates of the ways between memories in bytes/s; index 0 is home, i + 1 device i. 0: no such way.
// A fetch takes the fastest way from a memory that holds the tile.
struct LinkTable {
  int32_t devices = 0;
  const double* rate = nullptr;  // (devices + 1)^2, [from][to]
};

// Copy `tile` into a block of `device`, from home memory, a peer's block or another of its own.
struct Fetch {
  OpId op = OpId::None;
  DeviceId device{};
  BlockId block = BlockId::None;
  TileId tile = TileId::None;
  Region region = Region::Full;
  DeviceId source = DeviceId::Home;
  BlockId source_block = BlockId::None;
};

// Run steps first_step .. first_step + step_count - 1 of the task in order. Commands of one stream run in the order
// given; a task's kernels that are under way at once are all on one. On a Home device the blocks are None and step_count is the whole task.
struct Compute {
  OpId op = OpId::None;
  DeviceId device{};
  int32_t stream = 0;
  TaskId task = TaskId::None;
  int32_t first_step = 0;
  int32_t step_count = 1;
  BlockId a = BlockId::None;
  BlockId b = BlockId::None;
  BlockId c = BlockId::None;
};

// Copy the finished output from its block to home memory, the task's region only. The device writes home memory only
// when the operation can no longer fail.
struct Store {
  OpId op = OpId::None;
  DeviceId device{};
  int32_t stream = 0;
  TaskId task = TaskId::None;
  BlockId c = BlockId::None;
  bool urgent = false;  // the device needs the block
};

using Command = std::variant<Fetch, Compute, Store>;

// Every command is answered exactly once, by OpDone or OpFailed.
struct OpDone {
  OpId op = OpId::None;
  int64_t duration_ns = 0;  // 0: unknown
};

// The operation did not happen. `lost` is the device that can no longer be used (for a copy between peers it may be either),
// Home if none is: then the operation may be tried again.
struct OpFailed {
  OpId op = OpId::None;
  DeviceId lost = DeviceId::Home;
};

// The device was found lost apart from any operation; its outstanding ones are still answered.
struct DeviceLost {
  DeviceId device{};
};

using Event = std::variant<OpDone, OpFailed, DeviceLost>;

// What moved and what did not have to, over one call.
struct Traffic {
  int64_t home_to_device_bytes = 0;
  int64_t device_to_device_bytes = 0;
  int64_t device_to_home_bytes = 0;
  int64_t level1_hits = 0;  // input tiles found in the device's own arena
  int64_t level2_hits = 0;  // fetched from a peer
  int64_t misses = 0;       // fetched from home
};

}  // namespace blasx::schedule
