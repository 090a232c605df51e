// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/scheduler.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "blasx/tile/unequal.hpp"
#include "common/check.hpp"

namespace blasx::schedule {
namespace {

constexpr int32_t kMostFailures = 8;  // of a device's operations before it counts as lost

// Of an arena no more than the call can use: every tile once and an output for each task, with a step's room to spare.
std::vector<int32_t> blocks_of(std::span<const DeviceSpec> specs, const tile::TaskGraph& graph) {
  const int32_t most = graph.tile_count() + graph.task_count() + kLeastBlocks;
  std::vector<int32_t> blocks;
  for (const DeviceSpec& s : specs)
    blocks.push_back(s.memory == Memory::Arena ? std::min(s.blocks, s.outputs + most) : 0);
  return blocks;
}

// Where a tile of C takes several blocks.
std::vector<int32_t> outputs_of(std::span<const DeviceSpec> specs) {
  std::vector<int32_t> outputs;
  for (const DeviceSpec& s : specs) outputs.push_back(s.outputs);
  return outputs;
}

// Of each step of a task: how large its output is beside the largest, and if only a triangle of it is computed half of that.
int32_t weight_of(const tile::TaskGraph& graph, const tile::Task& task, bool halves) {
  const tile::Grid grid = graph.grid();
  const auto largest = static_cast<double>(grid.rows.edge) * static_cast<double>(grid.cols.edge);
  const auto size = static_cast<double>(graph.rows(task.output) * graph.cols(task.output));
  const double part = size / largest / (halves && task.region != Region::Full ? 2 : 1);
  return std::max(1, static_cast<int32_t>(std::lround(kWhole * part)));
}

// Devices whose arenas hold a task at all.
std::vector<bool> used(std::span<const DeviceSpec> specs, int32_t least_blocks) {
  std::vector<bool> flags;
  for (const DeviceSpec& s : specs) {
    flags.push_back(s.memory == Memory::Home || s.blocks >= least_blocks);
  }
  return flags;
}

}  // namespace

Scheduler::Scheduler(const tile::TaskGraph& graph, std::span<const DeviceSpec> specs,
                     const LinkTable& links)
    : Scheduler(graph, specs, links,
                plan_zones(specs, used(specs, kLeastBlocks), links, graph.blocks_of_output())) {}

Scheduler::Scheduler(const tile::TaskGraph& graph, std::span<const DeviceSpec> specs,
                     const LinkTable& links, const ZonePlan& plan)
    : graph_(graph),
      grid_(graph.grid()),
      tasks_(static_cast<size_t>(graph.task_count())),
      devices_(specs.size()),
      cache_(graph, blocks_of(specs, graph), links, outputs_of(specs)),
      ready_(graph, plan.zones) {
  BLASX_CHECK_EQ(static_cast<size_t>(links.devices), specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    Device& d = devices_[i];
    d.spec = specs[i];
    d.zone = plan.of_device[i];
    d.alone = d.zone != ZonePlan::kNone && plan.zones[static_cast<size_t>(d.zone)].devices == 1;
    const int32_t streams = std::max(1, d.spec.streams);
    int32_t slots = std::max(streams, d.spec.tasks);
    if (d.spec.memory == Memory::Arena) {
      d.lost = d.spec.blocks < kLeastBlocks;
      if (d.zone != ZonePlan::kNone && slots > streams) d.block = ready_.block(d.zone);
      if (!d.together()) slots = std::max(1, std::min(slots, d.spec.blocks / kLeastBlocks));
      if (!d.together() && d.spec.outputs > 0) {
        const int32_t inputs = d.spec.blocks - d.spec.outputs;
        slots =
            std::clamp(slots, 1, std::max(1, std::min(d.spec.outputs, inputs / (2 * kLookAhead))));
      }
    }
    d.slots.resize(static_cast<size_t>(slots));
    d.streams.resize(static_cast<size_t>(std::min(streams, slots)));
    d.shares_streams = slots > streams;
    d.station.reserve(d.streams.size());
  }
  const bool speeds_known = std::all_of(
      specs.begin(), specs.end(), [](const DeviceSpec& s) { return s.operations_per_second > 0; });
  for (Device& d : devices_) {
    if (speeds_known) d.expected_speed = d.spec.operations_per_second / std::max(1, d.spec.units);
  }
  mark_slow();
  count_slots();
  // Where rows and columns of C read the same tiles none streams past.
  const bool apart = graph.group_count() == grid_.mt + grid_.nt;
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (!apart || devices_[i].zone == ZonePlan::kNone || !ready_.tight(devices_[i].zone)) continue;
    if (devices_[i].together()) continue;
    const bool rows = ready_.staying() == 0;
    cache_.favour(id_of(i), rows ? 0 : grid_.mt, rows ? grid_.mt : grid_.mt + grid_.nt);
  }
  const bool halves =
      graph.call().routine == Routine::Syrk || graph.call().routine == Routine::Herk;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    const TaskId id{static_cast<int32_t>(i)};
    tasks_[i].task = graph.task(id);
    tasks_[i].place = graph.place(id);
    tasks_[i].groups = graph.task_groups(id);
    tasks_[i].weight = weight_of(graph, tasks_[i].task, halves);
    work_not_started_ += tasks_[i].work();
    chained_ = chained_ || tasks_[i].task.edge != tile::Edge::None;
  }
  for (const TaskInfo& t : tasks_) sizes_.push_back(t.work());
  std::sort(sizes_.begin(), sizes_.end(), std::greater<>());
  sizes_.erase(std::unique(sizes_.begin(), sizes_.end()), sizes_.end());
  left_of_size_.assign(sizes_.size(), 0);
  for (TaskInfo& t : tasks_) {
    const auto size = std::lower_bound(sizes_.begin(), sizes_.end(), t.work(), std::greater<>());
    t.size = static_cast<int32_t>(size - sizes_.begin());
    ++left_of_size_[static_cast<size_t>(t.size)];
  }
  for (Device& d : devices_) d.timed.resize(sizes_.size());
  not_started_ = graph.task_count();
  tile_bytes_.reserve(static_cast<size_t>(graph.tile_count()));
  for (int32_t t = 0; t < graph.tile_count(); ++t) tile_bytes_.push_back(graph.bytes(TileId{t}));
  started_.assign(static_cast<size_t>(ready_.zone_count()), 0);
}

// Where devices that share a zone differ, the finer tasks are for the slow ones.
void Scheduler::mark_slow() {
  for (Device& d : devices_) {
    for (const Device& o : devices_) {
      const bool slower =
          d.spec.operations_per_second > 0 &&
          o.spec.operations_per_second >= tile::kUnequal * d.spec.operations_per_second;
      unequal_ = unequal_ || slower;
      d.slow = d.slow || (slower && o.zone == d.zone);
    }
  }
}

// Tasks that may be under way at once.
void Scheduler::count_slots() {
  slots_usable_ = streams_usable_ = 0;
  for (const Device& d : devices_) {
    if (!usable(d)) continue;
    slots_usable_ += static_cast<int32_t>(d.slots.size());
    streams_usable_ += static_cast<int32_t>(d.streams.size());
  }
}

void Scheduler::start() {
  for (size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].task.edge == tile::Edge::None) make_ready(TaskId{static_cast<int32_t>(i)});
  }
  pump_all();
}

void Scheduler::take_commands(std::vector<Command>& out) {
  out.clear();
  out.swap(commands_);
}

bool Scheduler::exhausted() const {
  return committed_ < graph_.task_count() && operations_.count() == 0 &&
         std::none_of(devices_.begin(), devices_.end(), [](const Device& d) { return !d.lost; });
}

void Scheduler::on(const Event& event) {
  bool only_its_stream = false;
  if (const auto* lost = std::get_if<DeviceLost>(&event)) {
    retire(lost->device);
  } else {
    const auto* ok = std::get_if<OpDone>(&event);
    const auto* bad = std::get_if<OpFailed>(&event);
    const Operation op = operations_.close(ok != nullptr ? ok->op : bad->op);
    if (op.source != DeviceId::Home) cache_.unpin(op.source, op.source_block);
    if (ok != nullptr) only_its_stream = done(op, ok->duration_ns);
    if (bad != nullptr) failed(op, bad->lost);
    if (!only_its_stream || device(op.device).starved) pump(op.device);
    if (op.source != DeviceId::Home && device(op.source).starved) pump(op.source);
  }
  // Who left the last tasks to others may be wanted now.
  if (!only_its_stream && ending()) all_need_pump_ = true;
  if (all_need_pump_) pump_all();
  break_stall();
}

// True if nothing has changed but for the operation's own stream, which has been seen to.
bool Scheduler::done(const Operation& op, int64_t duration_ns) {
  Device& d = device(op.device);
  switch (op.kind) {
    case Operation::Kind::FetchInput:
    case Operation::Kind::FetchOutput: {
      const bool output = op.kind == Operation::Kind::FetchOutput;
      const Region region = output ? info(op.task).task.region : Region::Full;
      if (op.source != op.device) {
        (op.source == DeviceId::Home ? traffic_.home_to_device_bytes
                                     : traffic_.device_to_device_bytes) += bytes(op.tile, region);
      }
      if (d.lost) return true;
      if (output) {
        Slot& s = d.slots[static_cast<size_t>(op.slot)];
        s.c_ready = true;
        --s.outstanding;
        if (s.failed) {
          abandon_if_idle(op.device, op.slot);
          return false;
        }
        advance(op.device, op.slot);
      } else if (op.dropped) {
        cache_.give_back(op.device, op.block);
      } else {
        tile_arrived(op.device, op.tile);
      }
      return true;
    }
    case Operation::Kind::Compute:
      d.busy_ns += duration_ns;
      timed(d, op.task).busy_ns += duration_ns;
      if (d.spec.memory == Memory::Home) {
        if (!d.lost) {
          d.work_timed += info(op.task).work();
          timed(d, op.task).work += info(op.task).work();
          end_task(d, d.slots[static_cast<size_t>(op.slot)]);
        }
        commit(op.task, op.device, BlockId::None);
        return false;
      }
      if (d.lost) return true;
      --d.streams[static_cast<size_t>(op.stream)];
      return kernel_done(op.device, op.slot);
    case Operation::Kind::Store:
      traffic_.device_to_home_bytes += bytes(op.tile, info(op.task).task.region);
      finishing_.erase(std::find_if(finishing_.begin(), finishing_.end(),
                                    [&](const Finish& f) { return f.task == op.task; }));
      commit(op.task, op.device, op.block);
      return false;
    case Operation::Kind::None:
      return true;
  }
  return true;
}

int64_t Scheduler::bytes(TileId t, Region region) const {
  const int64_t all = tile_bytes_[static_cast<size_t>(tile::index(t))];
  if (region == Region::Full) return all;
  // The triangle of a square, with its diagonal.
  const int64_t edge = graph_.rows(t);
  return all / edge * (edge + 1) / 2;
}

// The operation did not happen. A copy is tried again, from elsewhere if its source is gone; a kernel may have successors
// in its stream's queue already, so its whole task starts again.
void Scheduler::failed(const Operation& op, DeviceId lost) {
  if (lost != DeviceId::Home) {
    retire(lost);
  } else if (++device(op.device).failures >= kMostFailures) {
    retire(op.device);
  }
  Device& d = device(op.device);
  switch (op.kind) {
    case Operation::Kind::FetchInput:
      if (op.dropped) {
        cache_.give_back(op.device, op.block);
        return;
      }
      reroute_waiters(op.device, op.tile);
      if (d.lost) return;
      // The task that wanted it may have been thrown back, and the tile be someone's to overwrite by now.
      if (cache_.pins(op.device, op.block) == 0) {
        cache_.discard(op.device, op.tile);
      } else {
        fetch_from_best(operations_.open_again(op));
      }
      return;
    case Operation::Kind::FetchOutput:
      if (d.lost) return;
      {
        Slot& s = d.slots[static_cast<size_t>(op.slot)];
        if (s.failed) {
          --s.outstanding;
          abandon_if_idle(op.device, op.slot);
        } else {
          issue_fetch(operations_.open_again(op));
        }
      }
      return;
    case Operation::Kind::Compute:
      if (d.spec.memory == Memory::Home) {
        if (!d.lost) end_task(d, d.slots[static_cast<size_t>(op.slot)]);
        return_to_ready(op.task);
      } else if (!d.lost) {
        Slot& s = d.slots[static_cast<size_t>(op.slot)];
        --s.outstanding;
        s.failed = true;
        --d.streams[static_cast<size_t>(op.stream)];
        abandon_if_idle(op.device, op.slot);
        issue_kernels(op.device);
      }
      return;
    case Operation::Kind::Store: {
      const auto f = std::find_if(finishing_.begin(), finishing_.end(),
                                  [&](const Finish& x) { return x.task == op.task; });
      if (!d.lost) {
        store(*f);
        return;
      }
      finishing_.erase(f);
      return_to_ready(op.task);
      return;
    }
    case Operation::Kind::None:
      return;
  }
}

// `c` is the block that holds the output on `device`, None if it was computed at home.
void Scheduler::commit(TaskId id, DeviceId device_id, BlockId c) {
  TaskInfo& t = info(id);
  BLASX_CHECK(t.state != State::Committed);
  t.state = State::Committed;
  ++committed_;
  // A solve's results are read, its old values by nobody else.
  if (!graph_.outputs_are_read()) drop_copies(t.task.output);
  if (c != BlockId::None && !device(device_id).lost) {
    device(device_id).reserved -= 1;
    if (graph_.outputs_are_read()) {
      cache_.unpin(device_id, c);
    } else {
      cache_.give_back(device_id, c);
    }
  }
  const TaskId next = t.task.successor;
  if (next == TaskId::None) return;
  TaskInfo& n = info(next);
  if (n.state == State::Blocked) make_ready(next);
  if (n.state == State::Finishing) {
    for (Finish& f : finishing_) {
      if (f.task == next && !f.storing) store(f);
    }
  }
  all_need_pump_ = true;  // a device at home may have waited for this commit
}

// Copies of an output's old value, if anyone has some, are no longer of use; nobody who matters reads them any more.
void Scheduler::drop_copies(TileId t) {
  for (size_t i = 0; i < devices_.size(); ++i) {
    const DeviceId d = id_of(i);
    if (devices_[i].lost) continue;
    const cache::CopyState copy = cache_.state(d, t);
    if (copy != cache::CopyState::Invalid && devices_[i].starved) all_need_pump_ = true;
    switch (copy) {
      case cache::CopyState::Invalid:
        break;
      case cache::CopyState::
          Fetching:  // for a task that was thrown back; its block is free when the copy is over
        operations_.each([&](Operation& op) {
          if (op.kind == Operation::Kind::FetchInput && op.device == d && op.tile == t) {
            op.dropped = true;
          }
        });
        cache_.unbind(d, t);
        break;
      case cache::CopyState::Waiting:
      case cache::CopyState::Valid:  // a copy to a lost device may still read it
        cache_.discard(d, t);
        break;
    }
  }
}

void Scheduler::store(Finish& finish) {
  finish.storing = true;
  Operation& op = operations_.open(Operation::Kind::Store, finish.device);
  op.block = finish.c;
  op.task = finish.task;
  op.tile = info(finish.task).task.output;
  const int32_t zone = device(finish.device).zone;
  const bool urgent = zone == ZonePlan::kNone || ready_.tight(zone);
  commands_.emplace_back(
      Store{Operations::id(op), finish.device, finish.stream, finish.task, finish.c, urgent});
}

// Nothing under way and nothing decided, yet tasks are left: finished tiles, or tasks that have begun, wait for a predecessor which
// was thrown back and hold the room it needs. They are computed again later; their home is untouched.
void Scheduler::break_stall() {
  if (operations_.count() > 0 || committed_ == graph_.task_count()) return;
  for (const Finish& f : finishing_) {
    BLASX_CHECK(!f.storing);
    device(f.device).reserved -= 1;
    cache_.give_back(f.device, f.c);
    return_to_ready(f.task);
  }
  finishing_.clear();
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i].lost || devices_[i].spec.memory == Memory::Home) continue;
    for (size_t s = 0; s < devices_[i].slots.size(); ++s) {
      if (devices_[i].slots[s].task != TaskId::None) abandon(id_of(i), static_cast<int32_t>(s));
    }
  }
  pump_all();
  BLASX_CHECK(operations_.count() > 0 || exhausted());
}

}  // namespace blasx::schedule
