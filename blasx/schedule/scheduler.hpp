// SPDX-License-Identifier: Apache-2.0
// Decides what each device does next: events in, commands out. No threads, clocks or I/O; the same events give the same
// commands. Owned and called by one driver; it owns the tile cache and the state of every task.
// Source: Wang et al., BLASX (ICS 2016), section 4, except failures and write-after-read chains.
//
// A task's way: Blocked -> Ready -> Claimed (in a device's station) -> Running (on a stream, its working set reserved)
// -> Finishing (computed, waiting for its predecessor, then being stored) -> Committed. A failure sends it back to Ready.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "blasx/cache/tile_cache.hpp"
#include "blasx/schedule/end_game.hpp"
#include "blasx/schedule/operations.hpp"
#include "blasx/schedule/protocol.hpp"
#include "blasx/schedule/state.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::schedule {

// Of work, that tasks may be.
struct Sizes {
  int64_t least = 0, most = 0;
};

class Scheduler {
 public:
  // The graph must outlive the scheduler; specs and links need not. Arena devices with fewer than 3 blocks are not used.
  Scheduler(const tile::TaskGraph& graph, std::span<const DeviceSpec> specs,
            const LinkTable& links);
  // Before start(): each task may run on its own device only, until one is lost. For comparisons.
  void assign(std::vector<DeviceId> owners) { owners_ = std::move(owners); }
  void start();
  void on(const Event& event);
  // Swaps the commands decided since the last time into `out`, which is cleared first.
  void take_commands(std::vector<Command>& out);

  // Every task is committed and no operation is outstanding.
  bool finished() const { return committed_ == graph_.task_count() && operations_.count() == 0; }
  // Tasks are left, no device is, and no operation is outstanding.
  bool exhausted() const;
  const Traffic& traffic() const { return traffic_; }
  // What a copy of the tile's region moves.
  int64_t bytes(TileId t, Region region) const;
  int32_t outstanding() const { return operations_.count(); }
  int32_t stolen() const { return stolen_; }
  int32_t evictions() const { return cache_.evictions(); }
  // Throws InternalError if the state contradicts itself. For tests.
  void check_invariants() const;

 private:
  Scheduler(const tile::TaskGraph& graph, std::span<const DeviceSpec> specs, const LinkTable& links,
            const ZonePlan& plan);

  // scheduler.cpp: events and commits
  bool done(const Operation& op, int64_t duration_ns);
  void failed(const Operation& op, DeviceId lost);
  void commit(TaskId id, DeviceId device, BlockId c);
  void drop_copies(TileId t);
  void store(Finish& finish);
  void break_stall();
  void issue_fetch(const Operation& op) {
    if (op.source != DeviceId::Home) cache_.pin(op.source, op.source_block);
    const bool output = op.kind == Operation::Kind::FetchOutput;
    auto& fetch = std::get<Fetch>(commands_.emplace_back(std::in_place_type<Fetch>));
    fetch.op = Operations::id(op);
    fetch.device = op.device;
    fetch.block = op.block;
    fetch.tile = op.tile;
    fetch.region = output ? info(op.task).task.region : Region::Full;
    fetch.source = op.source;
    fetch.source_block = op.source_block;
  }
  void fetch_from_best(Operation& op);
  void mark_slow();
  void count_slots();
  TaskInfo& info(TaskId id) { return tasks_[static_cast<size_t>(tile::index(id))]; }
  const TaskInfo& info(TaskId id) const { return tasks_[static_cast<size_t>(tile::index(id))]; }
  Device& device(DeviceId d) { return devices_[static_cast<size_t>(index(d))]; }
  const Device& device(DeviceId d) const { return devices_[static_cast<size_t>(index(d))]; }
  Timed& timed(Device& d, TaskId id) { return d.timed[static_cast<size_t>(info(id).size)]; }
  DeviceId id_of(size_t d) const { return DeviceId{static_cast<int32_t>(d)}; }

  // claim.cpp: who takes which task
  bool active(const Device& d) const;
  bool usable(const Device& d) const { return !d.lost && active(d); }
  bool meant_for(const Device& d, TaskId id, Sizes sizes) const;
  bool startable(const Device& d, TaskId id) const;
  bool startable_after(const Device& d, TaskId predecessor, tile::Edge edge) const;
  int64_t score(DeviceId d, const TaskInfo& t, const std::array<int64_t, 2>& peer_weights) const;
  int32_t last_turn(const Device& d) const;
  TaskId best_ready(DeviceId d, Sizes sizes);
  bool waits_for_own(const Device& d) const;
  TaskId best_in_zone(DeviceId d, int32_t zone, ReadyZones::Part part, Sizes sizes);
  TaskId take_from_station(DeviceId d, Sizes sizes);
  TaskId steal(DeviceId thief, Sizes sizes);
  TaskId next_task(DeviceId d);
  void refill_station(DeviceId d);
  bool ending() const;
  double task_ns(const Device& d, size_t size) const;
  std::vector<Worker> workers() const;
  TaskId next_of_last(DeviceId d);
  double mean_work() const { return static_cast<double>(work_not_started_) / not_started_; }
  int64_t most_work() const { return sizes_.empty() ? 0 : sizes_.front(); }  // of any task
  Sizes all_sizes() const { return {0, most_work()}; }
  int64_t most_work_of(const Device& d);
  void judge_speeds();
  bool would_straggle(const Device& d, double work) const;
  double time_of_one_more(const Device& d, double work) const;
  double pace(const Device& d) const;
  void make_ready(TaskId id);
  void return_to_ready(TaskId id);
  void put_back(TaskId id);
  void give_back_station(Device& d);

  // progress.cpp: running tasks
  void pump(DeviceId d);
  void pump_all();
  void advance_all(DeviceId d);
  bool start_one(DeviceId d);
  bool may_hoard(const Device& d) const;
  int32_t affordable_look_ahead(const Device& d) const;
  void widen(Device& d, Slot& s) const;
  bool start_task(DeviceId d, int32_t slot, TaskId id);
  void end_task(Device& d, Slot& s);
  bool follows_a_block(const Device& d, const Slot& s) const;
  void open_successor(const tile::Task& task);
  void fetch_output(DeviceId d, int32_t slot);
  void issue_output_fetch(DeviceId d, int32_t slot, DeviceId source, BlockId source_block);
  void copy_output(DeviceId d, int32_t slot);
  void copy_outputs(DeviceId d, TileId t);
  void advance(DeviceId d, int32_t slot);
  bool acquire(DeviceId d, TileId t, BlockId& block);
  void request_inputs(DeviceId d, Slot& s);
  bool unsolved(DeviceId d, const Slot& s) const;
  bool acquire_step(DeviceId d, int32_t slot, bool ahead);
  int64_t place_of_entering(const Device& d);
  void request_in_order(DeviceId d);
  void advance_block(DeviceId d);
  bool inputs_ready(DeviceId d, const StepInputs& inputs) const;
  bool can_issue(DeviceId d, const Slot& s) const;
  void issue_kernel(DeviceId d, int32_t slot, int32_t stream);
  bool goes_before(const Device& d, const Slot& a, const Slot& b) const;
  void issue_kernels(DeviceId d);
  void release_inputs(DeviceId d, StepInputs& inputs);
  void use_inputs(DeviceId d, Slot& s);
  bool kernel_done(DeviceId d, int32_t slot);
  void tile_arrived(DeviceId d, TileId t);
  void reroute_waiters(DeviceId source, TileId t);
  void abandon_if_idle(DeviceId d, int32_t slot);
  void abandon(DeviceId d, int32_t slot);

  // retire.cpp: devices that are gone
  void retire(DeviceId d);

  const tile::TaskGraph& graph_;
  const tile::Grid grid_;
  std::vector<TaskInfo> tasks_;
  std::vector<int64_t> tile_bytes_;
  std::vector<Device> devices_;
  cache::TileCache cache_;
  ReadyZones ready_;
  std::vector<DeviceId> owners_;  // by task; empty: anyone
  std::vector<Finish> finishing_;
  Operations operations_;
  std::vector<Command> commands_;
  Traffic traffic_;
  int32_t committed_ = 0;
  int32_t not_started_ = 0;            // tasks Blocked, Ready or Claimed
  std::vector<int32_t> started_;       // the others, by zone
  int64_t work_not_started_ = 0;       // of those
  std::vector<int64_t> sizes_;         // the different amounts of work of tasks, the largest first
  std::vector<int32_t> left_of_size_;  // tasks of each that are not started
  bool chained_ = false;               // some tasks follow others
  bool unequal_ = false;               // some devices are much slower than others
  int32_t slots_usable_ = 0, streams_usable_ = 0;
  int32_t stolen_ = 0;
  int64_t next_turn_ = 0;
  bool all_need_pump_ = false;  // the ready set grew, or a device went
};

}  // namespace blasx::schedule
