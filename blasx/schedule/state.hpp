// SPDX-License-Identifier: Apache-2.0
// What the scheduler remembers of tasks and devices. Plain values, changed by the scheduler alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/schedule/ready_zones.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::schedule {

enum class State : uint8_t { Blocked, Ready, Claimed, Running, Finishing, Committed };

// What a kernel of a whole tile counts as work; others count by their operations beside it.
inline constexpr int32_t kWhole = 1024;

struct TaskInfo {
  tile::Task task;
  tile::Place place;
  std::array<int32_t, 2> groups{-1, -1};
  State state = State::Blocked;
  int32_t size = 0;         // which of the different amounts of work it is
  int32_t weight = kWhole;  // of each of its steps
  int64_t work() const { return int64_t{weight} * task.step_count; }
};

// Input tiles of one step of a running task; pinned once they have a block.
struct StepInputs {
  std::array<TileId, 2> tiles{TileId::None, TileId::None};
  std::array<BlockId, 2> blocks{BlockId::None, BlockId::None};
  bool pinned(int i) const { return blocks[static_cast<size_t>(i)] != BlockId::None; }
};
inline constexpr int32_t kLeastBlocks = 3;  // a task needs: C and one step's inputs
inline constexpr int32_t kLookAhead = 2;    // steps whose inputs are kept or on their way
inline constexpr int32_t kMostOutstanding =
    2;  // kernels of a task, or of a stream, submitted and not done

inline constexpr int32_t kMostRequested = 4;  // steps of a task, from the first not done on

// Of a device: one task under way.
struct Slot {
  TaskId task = TaskId::None;
  BlockId c = BlockId::None;
  BlockId old_c =
      BlockId::None;  // pinned: C's old value, which other tasks read too, there or on its way
  bool c_ready = false;
  bool c_asked = false;  // its old value is on its way
  bool failed = false;   // a kernel failed: the task goes back once nothing of it is outstanding
  int32_t look_ahead = 0;
  int32_t weight = 0;  // of each step
  int32_t steps = 0, requested = 0, issued = 0, done = 0;
  int32_t outstanding = 0;                        // its fetch of C and its kernels
  int32_t stream = 0;                             // where its kernels under way are
  int64_t turn = 0;                               // who began earlier goes first
  tile::Pace pace;                                // of tasks that advance together
  tile::BlockCut cut;                             // their block
  std::array<StepInputs, kMostRequested> inputs;  // inputs_of() the step
  StepInputs& inputs_of(int32_t s) { return inputs[static_cast<uint32_t>(s) % kMostRequested]; }
  const StepInputs& inputs_of(int32_t s) const {
    return inputs[static_cast<uint32_t>(s) % kMostRequested];
  }
  // Blocks: C and the inputs of the steps ahead.
  int32_t reserved() const { return 1 + 2 * look_ahead; }
  // Of tasks that advance together: the place of a step in their order.
  int64_t place(int32_t step) const { return pace.place(step); }
};

// Kernels that a device has done.
struct Timed {
  int64_t work = 0, busy_ns = 0;
};

struct Device {
  DeviceSpec spec;
  int32_t zone = ZonePlan::kNone;
  bool alone = false;  // in its zone
  bool slow = false;   // much slower than others of its zone
  bool lost = false;
  bool starved = false;  // a task wants a block and got none
  int32_t failures = 0;
  int32_t reserved = 0;   // blocks, by running tasks and those not home yet
  int32_t running = 0;    // slots with a task
  int64_t work_left = 0;  // of its running tasks
  int64_t work_timed = 0, busy_ns = 0;
  std::vector<Timed> timed;   // the same by size of task
  double expected_speed = 1;  // of a unit, beside other devices'
  double unit_ns = 0;         // that a unit takes for work of 1; 0: unknown
  std::vector<Slot> slots;
  std::vector<int32_t> streams;  // by stream: kernels submitted and not done
  bool shares_streams = false;   // more slots than streams
  bool entering = false;         // a task could start, but for room
  int32_t old_wanted = 0;        // slots that wait for old_c
  tile::Block block;             // of tasks that advance together, if any
  std::vector<TaskId> station;

  bool together() const { return block.rows > 0; }  // its tasks advance step by step
};

// Computed tasks that are not home yet.
struct Finish {
  TaskId task = TaskId::None;
  DeviceId device{};
  int32_t stream = 0;
  BlockId c = BlockId::None;
  bool storing = false;
};

}  // namespace blasx::schedule
