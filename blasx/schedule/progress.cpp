// SPDX-License-Identifier: Apache-2.0
// Running tasks: start, fetch what the next steps read, compute in order, hand over to the store.
#include <algorithm>

#include "blasx/schedule/scheduler.hpp"
#include "common/check.hpp"

namespace blasx::schedule {

void Scheduler::pump_all() {
  // A claim can make a successor claimable by a device that was looked at before.
  do {
    all_need_pump_ = false;
    for (size_t i = 0; i < devices_.size(); ++i) advance_all(id_of(i));
    // One task each in turn: where there are fewer than streams, the first device must not take them all.
    for (bool more = not_started_ > 0; more;) {
      more = false;
      for (size_t i = 0; i < devices_.size(); ++i) more = start_one(id_of(i)) || more;
    }
    for (size_t i = 0; i < devices_.size(); ++i) refill_station(id_of(i));
  } while (all_need_pump_);
}

// Everything a device can do now: go on with its tasks, start others, claim for later.
void Scheduler::pump(DeviceId d) {
  advance_all(d);
  while (start_one(d)) continue;
  refill_station(d);
}

void Scheduler::advance_all(DeviceId d) {
  Device& dev = device(d);
  if (!usable(dev)) return;
  dev.starved = false;
  for (int32_t i = 0; i < static_cast<int32_t>(dev.streams.size()); ++i) {
    const Stream& s = dev.streams[static_cast<size_t>(i)];
    if (s.task != TaskId::None && !s.failed) advance(d, i);
  }
}

// False if no stream is idle, or there is nothing for it.
bool Scheduler::start_one(DeviceId d) {
  Device& dev = device(d);
  const auto streams = static_cast<int32_t>(dev.streams.size());
  if (not_started_ == 0 || dev.running == streams || !usable(dev)) return false;
  if (dev.spec.memory == Memory::Arena && affordable_look_ahead(dev) == 0) return false;
  const auto idle = std::find_if(dev.streams.begin(), dev.streams.end(),
                                 [](const Stream& s) { return s.task == TaskId::None; }) -
                    dev.streams.begin();
  const TaskId id = next_task(d);
  if (id == TaskId::None) return false;
  if (start_task(d, static_cast<int32_t>(idle), id)) return true;
  put_back(id);
  dev.starved = true;
  return false;
}

// Steps ahead for which a task that is about to start can reserve blocks, 0 if for none. The second step only where that
// leaves each idle stream enough to begin with.
int32_t Scheduler::affordable_look_ahead(const Device& d) const {
  const int32_t free = d.spec.blocks - d.reserved;
  if (free < kLeastBlocks) return 0;
  const int32_t others = static_cast<int32_t>(d.streams.size()) - d.running - 1;
  return free >= 1 + 2 * kLookAhead + kLeastBlocks * others ? kLookAhead : 1;
}

// A task that began with little takes what has become free.
void Scheduler::widen(Device& d, Stream& s) const {
  const int32_t idle = not_started_ == 0 ? 0 : static_cast<int32_t>(d.streams.size()) - d.running;
  if (d.spec.blocks - d.reserved < 2 + kLeastBlocks * idle) return;
  ++s.look_ahead;
  d.reserved += 2;
}

// False if there is no block for C just now: transfers to peers hold what tasks have not reserved.
bool Scheduler::start_task(DeviceId d, int32_t stream, TaskId id) {
  Device& dev = device(d);
  TaskInfo& t = info(id);
  Stream& s = dev.streams[static_cast<size_t>(stream)];
  BlockId c = BlockId::None;
  if (dev.spec.memory == Memory::Arena) {
    c = cache_.take_block(d);
    if (c == BlockId::None) return false;
  }
  s = Stream{};
  s.task = id;
  s.c = c;
  s.steps = t.task.step_count;
  if (dev.spec.memory == Memory::Arena) {
    s.look_ahead = affordable_look_ahead(dev);
    dev.reserved += s.reserved();
  }
  ++dev.running;
  dev.steps_left += s.steps;
  t.state = State::Running;
  --not_started_;
  steps_not_started_ -= s.steps;
  // One that may start once this one has.
  if (t.task.successor != TaskId::None) {
    TaskInfo& next = info(t.task.successor);
    if (next.task.edge == tile::Edge::WriteAfterRead) {
      if (next.state == State::Blocked) make_ready(t.task.successor);
      all_need_pump_ = true;  // also where it was ready before this one had to start again
    }
  }
  if (dev.spec.memory == Memory::Home) {
    Operation op;
    op.kind = Operation::Kind::Compute;
    op.device = d;
    op.stream = stream;
    op.task = id;
    commands_.emplace_back(Compute{open(op), d, stream, id, 0, s.steps});
    return true;
  }
  if (t.task.reads_output) {
    Operation op;
    op.kind = Operation::Kind::FetchOutput;
    op.device = d;
    op.stream = stream;
    op.task = id;
    op.tile = t.task.output;
    op.block = c;
    ++s.outstanding;
    issue_fetch(op);
  } else {
    s.c_ready = true;
  }
  advance(d, stream);
  return true;
}

// The stream is free; what its task keeps reserved is the caller's business.
void Scheduler::end_task(Device& d, Stream& s) {
  --d.running;
  d.steps_left -= s.steps - s.done;
  s = Stream{};
}

void Scheduler::advance(DeviceId d, int32_t stream) {
  Device& dev = device(d);
  if (dev.spec.memory == Memory::Home) return;
  request_inputs(d, dev.streams[static_cast<size_t>(stream)]);
  issue_kernels(d, stream);
}

// Pins the tile's block on the device, on its way there if need be. False if there is no block just now.
bool Scheduler::acquire(DeviceId d, TileId t, BlockId& block) {
  if (cache_.state(d, t) != cache::CopyState::Invalid) {
    ++traffic_.level1_hits;
  } else {
    const BlockId b = cache_.take_block(d);
    if (b == BlockId::None) return false;
    const cache::Source source = cache_.choose_source(d, t, cache::TileCache::Wait::Yes);
    (source.device == DeviceId::Home ? traffic_.misses : traffic_.level2_hits) += 1;
    if (source.wait) {
      cache_.bind(d, t, b, cache::CopyState::Waiting, source.device);
    } else {
      cache_.bind(d, t, b, cache::CopyState::Fetching, DeviceId::Home);
      Operation op;
      op.kind = Operation::Kind::FetchInput;
      op.device = d;
      op.tile = t;
      op.block = b;
      op.source = source.device;
      if (source.device != DeviceId::Home) op.source_block = cache_.block(source.device, t);
      issue_fetch(op);
    }
  }
  block = cache_.block(d, t);
  cache_.pin(d, block);
  return true;
}

void Scheduler::request_inputs(DeviceId d, Stream& s) {
  Device& dev = device(d);
  if (s.look_ahead < kLookAhead) widen(dev, s);
  const int32_t until = std::min(s.steps, s.done + s.look_ahead);
  while (s.requested < until) {
    StepInputs& in = s.inputs[static_cast<size_t>(s.requested % kLookAhead)];
    if (!in.pinned(0) && !in.pinned(1)) {
      const tile::Step step = graph_.step(s.task, s.requested);
      in.tiles = {step.a, step.b};
    }
    for (size_t i = 0; i < 2; ++i) {
      if (in.tiles[i] == TileId::None || in.blocks[i] != BlockId::None) continue;
      if (!acquire(d, in.tiles[i], in.blocks[i])) {
        dev.starved = true;
        return;
      }
    }
    ++s.requested;
  }
}

bool Scheduler::inputs_ready(DeviceId d, const StepInputs& inputs) const {
  return std::all_of(inputs.tiles.begin(), inputs.tiles.end(), [&](TileId t) {
    return t == TileId::None || cache_.state(d, t) == cache::CopyState::Valid;
  });
}

void Scheduler::issue_kernels(DeviceId d, int32_t stream) {
  Stream& s = device(d).streams[static_cast<size_t>(stream)];
  while (s.c_ready && s.issued < s.requested && s.issued - s.done < kMostOutstanding) {
    const StepInputs& in = s.inputs[static_cast<size_t>(s.issued % kLookAhead)];
    if (!inputs_ready(d, in)) return;
    Operation op;
    op.kind = Operation::Kind::Compute;
    op.device = d;
    op.stream = stream;
    op.task = s.task;
    ++s.outstanding;
    commands_.emplace_back(
        Compute{open(op), d, stream, s.task, s.issued, 1, in.blocks[0], in.blocks[1], s.c});
    ++s.issued;
  }
}

void Scheduler::release_inputs(DeviceId d, StepInputs& inputs) {
  for (const BlockId b : inputs.blocks) {
    if (b != BlockId::None) cache_.unpin(d, b);
  }
  inputs = StepInputs{};
}

// True if the task goes on.
bool Scheduler::kernel_done(DeviceId d, int32_t stream) {
  Device& dev = device(d);
  Stream& s = dev.streams[static_cast<size_t>(stream)];
  --s.outstanding;
  if (s.failed) {
    abandon_if_idle(d, stream);
    return false;
  }
  release_inputs(d, s.inputs[static_cast<size_t>(s.done % kLookAhead)]);
  ++s.done;
  --dev.steps_left;
  if (s.done < s.steps) {
    advance(d, stream);
    return true;
  }
  // The stream is free for another task; only C stays reserved.
  const TaskId id = s.task;
  finishing_.push_back({id, d, stream, s.c, false});
  dev.reserved -= s.reserved() - 1;
  end_task(dev, s);
  TaskInfo& t = info(id);
  t.state = State::Finishing;
  const bool may =
      t.task.edge == tile::Edge::None || info(t.task.predecessor).state == State::Committed;
  if (may) store(finishing_.back());
  return false;
}

void Scheduler::tile_arrived(DeviceId d, TileId t) {
  cache_.set_valid(d, t);
  Device& dev = device(d);
  for (int32_t i = 0; i < static_cast<int32_t>(dev.streams.size()); ++i) {
    const Stream& s = dev.streams[static_cast<size_t>(i)];
    if (s.issued < s.requested && !s.failed) issue_kernels(d, i);
  }
  reroute_waiters(d, t);
}

// Asks the best source that has the tile now: waiting for someone else again could go round in a circle.
void Scheduler::fetch_from_best(Operation op) {
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
    Operation op;
    op.kind = Operation::Kind::FetchInput;
    op.device = d;
    op.tile = t;
    op.block = cache_.block(d, t);
    if (cache_.pins(d, op.block) == 0) {  // its task was thrown back
      cache_.discard(d, t);
      all_need_pump_ = all_need_pump_ || devices_[i].starved;
      continue;
    }
    cache_.set_fetching(d, t);
    fetch_from_best(op);
  }
}

// After a failed kernel: once nothing of the task is outstanding its blocks are free and it may start again anywhere.
void Scheduler::abandon_if_idle(DeviceId d, int32_t stream) {
  Device& dev = device(d);
  Stream& s = dev.streams[static_cast<size_t>(stream)];
  if (s.outstanding > 0) return;
  for (StepInputs& in : s.inputs) release_inputs(d, in);
  cache_.give_back(d, s.c);
  dev.reserved -= s.reserved();
  const TaskId id = s.task;
  end_task(dev, s);
  return_to_ready(id);
}

}  // namespace blasx::schedule
