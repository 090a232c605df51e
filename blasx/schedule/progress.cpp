// SPDX-License-Identifier: Apache-2.0
// Running tasks: start, fetch what the next steps read, compute in order, hand over to the store.
#include <algorithm>
#include <utility>

#include "blasx/schedule/scheduler.hpp"

namespace blasx::schedule {
namespace {

constexpr int32_t kTasksLeftForStream = 4;

}  // namespace

void Scheduler::pump_all() {
  // A claim can make a successor claimable by a device that was looked at before.
  do {
    all_need_pump_ = false;
    for (size_t i = 0; i < devices_.size(); ++i) advance_all(id_of(i));
    // One task each in turn: where there are fewer than slots, the first device must not take them all.
    for (bool more = not_started_ > 0; more;) {
      more = false;
      for (size_t i = 0; i < devices_.size(); ++i) more = start_one(id_of(i)) || more;
    }
    for (size_t i = 0; i < devices_.size(); ++i) advance_block(id_of(i));
    for (size_t i = 0; i < devices_.size(); ++i) refill_station(id_of(i));
  } while (all_need_pump_);
}

// Everything a device can do now: go on with its tasks, start others, claim for later.
void Scheduler::pump(DeviceId d) {
  advance_all(d);
  while (start_one(d)) continue;
  advance_block(d);
  refill_station(d);
}

void Scheduler::advance_all(DeviceId d) {
  Device& dev = device(d);
  if (!usable(dev)) return;
  dev.starved = false;
  if (dev.together()) return;
  for (int32_t i = 0; i < static_cast<int32_t>(dev.slots.size()); ++i) {
    const Slot& s = dev.slots[static_cast<size_t>(i)];
    if (s.task != TaskId::None && !s.failed) advance(d, i);
  }
}

// False if no slot is free, or there is nothing for it.
bool Scheduler::start_one(DeviceId d) {
  Device& dev = device(d);
  dev.entering = false;
  const auto slots = static_cast<int32_t>(dev.slots.size());
  if (not_started_ == 0 || dev.running == slots || !usable(dev)) return false;
  if (!may_hoard(dev)) return false;
  if (dev.together()) {
    dev.entering = dev.spec.outputs > 0 ? cache_.free_outputs(d) == 0
                                        : dev.spec.blocks - dev.reserved <= dev.block.input_tiles();
    if (dev.entering) return false;
  } else if (dev.spec.memory == Memory::Arena && affordable_look_ahead(dev) == 0) {
    return false;
  }
  const auto idle = std::find_if(dev.slots.begin(), dev.slots.end(),
                                 [](const Slot& s) { return s.task == TaskId::None; }) -
                    dev.slots.begin();
  const TaskId id = next_task(d);
  if (id == TaskId::None) return false;
  if (start_task(d, static_cast<int32_t>(idle), id)) return true;
  put_back(id);
  dev.starved = dev.entering = true;
  return false;
}

// Beyond one for each stream a device takes tasks only while others would still find as many as they can begin. A block is taken
// as a whole: what is left of it would fetch all over again.
bool Scheduler::may_hoard(const Device& d) const {
  if (d.running < static_cast<int32_t>(d.streams.size())) return true;
  if (d.together() && ready_.size(d.zone) > started_[static_cast<size_t>(d.zone)]) return true;
  return not_started_ >= kTasksLeftForStream * streams_usable_ ||
         slots_usable_ == static_cast<int32_t>(d.slots.size());
}

// Steps ahead for which a task that is about to start can reserve blocks, 0 if for none. The second step only where that
// leaves each idle stream enough to begin with.
int32_t Scheduler::affordable_look_ahead(const Device& d) const {
  const int32_t free = d.spec.blocks - d.reserved;
  if (free < kLeastBlocks) return 0;
  const int32_t others = static_cast<int32_t>(d.slots.size()) - d.running - 1;
  return free >= 1 + 2 * kLookAhead + kLeastBlocks * others ? kLookAhead : 1;
}

// A task that began with little takes what has become free.
void Scheduler::widen(Device& d, Slot& s) const {
  const int32_t idle = not_started_ == 0 ? 0 : static_cast<int32_t>(d.slots.size()) - d.running;
  if (d.spec.blocks - d.reserved < 2 + kLeastBlocks * idle) return;
  ++s.look_ahead;
  d.reserved += 2;
}

// False if there is no block for C just now: transfers to peers hold what tasks have not reserved.
bool Scheduler::start_task(DeviceId d, int32_t slot, TaskId id) {
  Device& dev = device(d);
  TaskInfo& t = info(id);
  Slot& s = dev.slots[static_cast<size_t>(slot)];
  BlockId c = BlockId::None;
  if (dev.spec.memory == Memory::Arena) {
    c = cache_.take_output(d);
    if (c == BlockId::None) return false;
  }
  s = Slot{};
  s.task = id;
  s.turn = next_turn_++;
  s.c = c;
  s.weight = t.weight;
  s.steps = t.task.step_count;
  if (dev.together()) {
    const tile::BlockInTurn block = ready_.block_of(id);
    s.cut = block.cut;
    s.pace = tile::pace_of(grid_, block, t.place, s.steps);
  } else if (dev.spec.memory == Memory::Arena) {
    s.look_ahead = affordable_look_ahead(dev);
  }
  if (dev.spec.memory == Memory::Arena) dev.reserved += s.reserved();
  ++dev.running;
  dev.work_left += t.work();
  t.state = State::Running;
  --not_started_;
  ++started_[static_cast<size_t>(ready_.zone(id))];
  work_not_started_ -= t.work();
  --left_of_size_[static_cast<size_t>(t.size)];
  if (dev.together() || (!dev.shares_streams && !graph_.outputs_are_read())) open_successor(t.task);
  if (dev.spec.memory == Memory::Home) {
    Operation& op = operations_.open(Operation::Kind::Compute, d);
    op.slot = slot;
    op.task = id;
    commands_.emplace_back(Compute{Operations::id(op), d, slot, id, 0, s.steps});
    return true;
  }
  s.c_ready = s.c_asked = !t.task.reads_output;
  if (dev.together()) {
    // Its turn comes when all have started; while another block is under way its C comes before.
    if (!s.c_asked && follows_a_block(dev, s) && tile::uses_of_old(grid_, s.cut, t.place) == 0)
      fetch_output(d, slot);
    return true;
  }
  if (t.task.reads_output) fetch_output(d, slot);
  advance(d, slot);
  return true;
}

bool Scheduler::follows_a_block(const Device& d, const Slot& s) const {
  return std::any_of(d.slots.begin(), d.slots.end(), [&](const Slot& o) {
    return o.task != TaskId::None && o.pace.begin < s.pace.begin && !(o.cut == s.cut);
  });
}

// One that may start once this one has.
void Scheduler::open_successor(const tile::Task& task) {
  if (task.successor == TaskId::None) return;
  if (info(task.successor).state == State::Blocked) make_ready(task.successor);
  all_need_pump_ = true;  // also where it was ready before this one had to start again
}

// The old value of C. Where earlier tasks of a chain read it as well and there is room for all tiles, it comes once, as theirs,
// and is copied within the device.
void Scheduler::fetch_output(DeviceId d, int32_t slot) {
  Device& dev = device(d);
  Slot& s = dev.slots[static_cast<size_t>(slot)];
  s.c_asked = true;
  const tile::Task& t = info(s.task).task;
  const bool roomy = dev.zone != ZonePlan::kNone && !ready_.tight(dev.zone);
  const bool read_by_others = dev.together()
                                  ? tile::uses_of_old(grid_, s.cut, info(s.task).place) > 0
                                  : t.edge == tile::Edge::WriteAfterRead && roomy;
  if (read_by_others && acquire(d, t.output, s.old_c)) {
    ++dev.old_wanted;
    if (cache_.state(d, t.output) == cache::CopyState::Valid) copy_output(d, slot);
    return;
  }
  issue_output_fetch(d, slot, DeviceId::Home, BlockId::None);
}

void Scheduler::issue_output_fetch(DeviceId d, int32_t slot, DeviceId source,
                                   BlockId source_block) {
  Slot& s = device(d).slots[static_cast<size_t>(slot)];
  Operation& op = operations_.open(Operation::Kind::FetchOutput, d);
  op.source = source;
  op.source_block = source_block;
  op.slot = slot;
  op.task = s.task;
  op.tile = info(s.task).task.output;
  op.block = s.c;
  ++s.outstanding;
  issue_fetch(op);
}

// The old value has arrived as another task's input.
void Scheduler::copy_output(DeviceId d, int32_t slot) {
  Slot& s = device(d).slots[static_cast<size_t>(slot)];
  issue_output_fetch(d, slot, d, s.old_c);
  --device(d).old_wanted;
  const BlockId old = std::exchange(s.old_c, BlockId::None);
  if (!device(d).together()) return cache_.unpin(d, old);
  cache_.unpin_used(d, old, tile::uses_of_old(grid_, s.cut, info(s.task).place));
}

// The slot is free; what its task keeps reserved is the caller's business.
void Scheduler::end_task(Device& d, Slot& s) {
  --d.running;
  d.work_left -= int64_t{s.weight} * (s.steps - s.done);
  s = Slot{};
}

// True if the task goes on.
bool Scheduler::kernel_done(DeviceId d, int32_t slot) {
  Device& dev = device(d);
  Slot& s = dev.slots[static_cast<size_t>(slot)];
  --s.outstanding;
  dev.work_timed += s.weight;
  timed(dev, s.task).work += s.weight;
  if (s.failed) {
    abandon_if_idle(d, slot);
    return false;
  }
  use_inputs(d, s);
  ++s.done;
  dev.work_left -= s.weight;
  if (s.done < s.steps) {
    advance(d, slot);
    return true;
  }
  // The slot is free for another task; only C stays reserved.
  const TaskId id = s.task;
  finishing_.push_back({id, d, s.stream, s.c, false});
  // The next members of the chain on this device need not wait for the copy home; others must, since it may get lost.
  if (graph_.outputs_are_read()) {
    cache_.adopt(d, info(id).task.output, s.c);
    cache_.pin(d, s.c);
  }
  dev.reserved -= s.reserved() - 1;
  end_task(dev, s);
  TaskInfo& t = info(id);
  t.state = State::Finishing;
  const bool may =
      t.task.edge == tile::Edge::None || info(t.task.predecessor).state == State::Committed;
  if (may) store(finishing_.back());
  return false;
}

// To the tasks that wait for it as the old value of their output.
void Scheduler::copy_outputs(DeviceId d, TileId t) {
  Device& dev = device(d);
  for (int32_t i = 0; i < static_cast<int32_t>(dev.slots.size()); ++i) {
    const Slot& s = dev.slots[static_cast<size_t>(i)];
    if (s.old_c != BlockId::None && info(s.task).task.output == t) copy_output(d, i);
  }
}

// Asks the best source that has the tile now: waiting for someone else again could go round in a circle.
void Scheduler::fetch_from_best(Operation& op) {
  op.source = cache_.choose_source(op.device, op.tile, cache::TileCache::Wait::No).device;
  op.source_block = op.source == DeviceId::Home ? BlockId::None : cache_.block(op.source, op.tile);
  issue_fetch(op);
}

// Who waited for this device's copy gets one now: from here if it came, from elsewhere if it did not.
void Scheduler::reroute_waiters(DeviceId source, TileId t) {
  for (size_t i = 0; i < devices_.size(); ++i) {
    const DeviceId d = id_of(i);
    if (devices_[i].lost || cache_.state(d, t) != cache::CopyState::Waiting ||
        cache_.waits_for(d, t) != source) {
      continue;
    }
    const BlockId block = cache_.block(d, t);
    if (cache_.pins(d, block) == 0) {  // its task was thrown back
      cache_.discard(d, t);
      all_need_pump_ = all_need_pump_ || devices_[i].starved;
      continue;
    }
    cache_.set_fetching(d, t);
    Operation& op = operations_.open(Operation::Kind::FetchInput, d);
    op.tile = t;
    op.block = block;
    fetch_from_best(op);
  }
}

// After a failed kernel: once nothing of the task is outstanding its blocks are free and it may start again anywhere.
void Scheduler::abandon_if_idle(DeviceId d, int32_t slot) {
  if (device(d).slots[static_cast<size_t>(slot)].outstanding == 0) abandon(d, slot);
}

void Scheduler::abandon(DeviceId d, int32_t slot) {
  Device& dev = device(d);
  Slot& s = dev.slots[static_cast<size_t>(slot)];
  for (StepInputs& in : s.inputs) release_inputs(d, in);
  if (s.old_c != BlockId::None) {
    --dev.old_wanted;
    cache_.unpin(d, s.old_c);
  }
  cache_.give_back(d, s.c);
  dev.reserved -= s.reserved();
  const TaskId id = s.task;
  end_task(dev, s);
  return_to_ready(id);
}

}  // namespace blasx::schedule
