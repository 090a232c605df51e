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
    for (size_t i = 0; i < devices_.size(); ++i) pump(id_of(i));
  } while (all_need_pump_);
}

void Scheduler::pump(DeviceId d) {
  Device& dev = device(d);
  if (!usable(dev)) return;
  for (int32_t i = 0; i < static_cast<int32_t>(dev.streams.size()); ++i) {
    Stream& s = dev.streams[static_cast<size_t>(i)];
    if (s.task != TaskId::None) {
      if (!s.failed) advance(d, i);
      continue;
    }
    if (not_started_ == 0) continue;
    if (dev.spec.memory == Memory::Arena &&
        dev.reserved + dev.task_blocks > cache_.block_count(d)) {
      continue;
    }
    const TaskId id = next_task(d);
    if (id == TaskId::None) continue;
    if (!start_task(d, i, id)) put_back(id);
  }
  if (not_started_ > 0) refill_station(d);
}

// False if there is no block for C just now: transfers to peers hold what tasks have not reserved.
bool Scheduler::start_task(DeviceId d, int32_t stream, TaskId id) {
  Device& dev = device(d);
  TaskInfo& t = info(id);
  Stream& s = dev.streams[static_cast<size_t>(stream)];
  Stream fresh;
  if (dev.spec.memory == Memory::Arena) {
    fresh.c = cache_.take_block(d);
    if (fresh.c == BlockId::None) return false;
    dev.reserved += dev.task_blocks;
  }
  fresh.task = id;
  s = fresh;
  t.state = State::Running;
  --not_started_;
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
    commands_.emplace_back(Compute{open(op), d, stream, id, 0, t.task.step_count});
    return true;
  }
  if (t.task.reads_output) {
    Operation op;
    op.kind = Operation::Kind::FetchOutput;
    op.device = d;
    op.stream = stream;
    op.task = id;
    op.tile = t.task.output;
    op.block = s.c;
    s.c_fetching = true;
    ++s.outstanding;
    issue_fetch(op);
  } else {
    s.c_ready = true;
  }
  advance(d, stream);
  return true;
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
    const cache::Source source = cache_.choose_source(d, t);
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
  const int32_t steps = info(s.task).task.step_count;
  const int32_t until = std::min(steps, s.done + device(d).look_ahead);
  while (s.requested < until) {
    StepInputs& in = s.inputs[static_cast<size_t>(s.requested % kLookAhead)];
    if (!in.pinned(0) && !in.pinned(1)) {
      const tile::Step step = graph_.step(s.task, s.requested);
      in.tiles = {step.a, step.b};
    }
    for (size_t i = 0; i < 2; ++i) {
      if (in.tiles[i] == TileId::None || in.blocks[i] != BlockId::None) continue;
      if (!acquire(d, in.tiles[i], in.blocks[i])) return;
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

void Scheduler::kernel_done(DeviceId d, int32_t stream) {
  Device& dev = device(d);
  Stream& s = dev.streams[static_cast<size_t>(stream)];
  --s.outstanding;
  if (s.failed) {
    abandon_if_idle(d, stream);
    return;
  }
  release_inputs(d, s.inputs[static_cast<size_t>(s.done % kLookAhead)]);
  if (++s.done < info(s.task).task.step_count) return;

  // The stream is free for another task; only C stays reserved.
  const TaskId id = s.task;
  const Finish finish{id, d, stream, s.c, false};
  dev.reserved -= dev.task_blocks - 1;
  s = Stream{};
  TaskInfo& t = info(id);
  t.state = State::Finishing;
  finishing_.push_back(finish);
  const bool may =
      t.task.edge == tile::Edge::None || info(t.task.predecessor).state == State::Committed;
  if (may) store(finishing_.back());
}

void Scheduler::tile_arrived(DeviceId d, TileId t) {
  cache_.set_valid(d, t);
  reroute_waiters(d, t);
}

// Who waited for this device's copy gets one now: from here if it came, from elsewhere if it did not.
void Scheduler::reroute_waiters(DeviceId source, TileId t) {
  for (size_t i = 0; i < devices_.size(); ++i) {
    const DeviceId d = id_of(i);
    if (devices_[i].lost || cache_.state(d, t) != cache::CopyState::Waiting ||
        cache_.waits_for(d, t) != source) {
      continue;
    }
    cache::Source from = cache_.choose_source(d, t);
    // Waiting for someone else again could go round in a circle.
    if (from.wait) from = {};
    Operation op;
    op.kind = Operation::Kind::FetchInput;
    op.device = d;
    op.tile = t;
    op.block = cache_.block(d, t);
    op.source = from.device;
    if (from.device != DeviceId::Home) op.source_block = cache_.block(from.device, t);
    cache_.set_fetching(d, t);
    issue_fetch(op);
  }
}

// After a failed kernel: once nothing of the task is outstanding its blocks are free and it may start again anywhere.
void Scheduler::abandon_if_idle(DeviceId d, int32_t stream) {
  Device& dev = device(d);
  Stream& s = dev.streams[static_cast<size_t>(stream)];
  if (s.outstanding > 0) return;
  for (StepInputs& in : s.inputs) release_inputs(d, in);
  cache_.give_back(d, s.c);
  dev.reserved -= dev.task_blocks;
  const TaskId id = s.task;
  s = Stream{};
  ++not_started_;
  make_ready(id);
}

}  // namespace blasx::schedule
