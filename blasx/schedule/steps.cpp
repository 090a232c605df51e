// SPDX-License-Identifier: Apache-2.0
// The steps of running tasks: which inputs are asked for, and whose kernel is next.
#include <algorithm>

#include "blasx/schedule/scheduler.hpp"

namespace blasx::schedule {

// Pins the tile's block on the device, on its way there if need be. False if there is no block just now.
bool Scheduler::acquire(DeviceId d, TileId t, BlockId& block) {
  if (cache_.state(d, t) != cache::CopyState::Invalid) {
    ++traffic_.level1_hits;
    block = cache_.block(d, t);
    cache_.pin(d, block);
    return true;
  }
  const BlockId b = cache_.take_block(d);
  if (b == BlockId::None) return false;
  const cache::Source source = cache_.choose_source(d, t, cache::TileCache::Wait::Yes);
  (source.device == DeviceId::Home ? traffic_.misses : traffic_.level2_hits) += 1;
  if (source.wait) {
    cache_.bind(d, t, b, cache::CopyState::Waiting, source.device);
  } else {
    cache_.bind(d, t, b, cache::CopyState::Fetching, DeviceId::Home);
    Operation& op = operations_.open(Operation::Kind::FetchInput, d);
    op.tile = t;
    op.block = b;
    op.source = source.device;
    if (source.device != DeviceId::Home) op.source_block = cache_.block(source.device, t);
    issue_fetch(op);
  }
  block = b;
  cache_.pin(d, b);
  return true;
}

// Of tasks that advance together the one that holds the others up.
const Slot& Scheduler::rearmost(const Device& d) const {
  const Slot* last = nullptr;
  for (const Slot& s : d.slots) {
    if (s.task == TaskId::None) continue;
    if (last == nullptr || s.step() < last->step() ||
        (s.step() == last->step() && s.turn < last->turn)) {
      last = &s;
    }
  }
  return *last;
}

// Pins all inputs of the next step or none, and leaves the rearmost task enough for its own: blocks of tasks that advance together
// are not reserved, since most are shared.
bool Scheduler::acquire_step(DeviceId d, Slot& s) {
  Device& dev = device(d);
  StepInputs& in = s.inputs_of(s.requested);
  in.tiles = graph_.inputs(info(s.task).place, s.requested);
  const int32_t spare = &s == &rearmost(dev) ? 0 : 2;
  for (size_t i = 0; i < 2; ++i) {
    if (in.tiles[i] == TileId::None) continue;
    const bool there = cache_.state(d, in.tiles[i]) != cache::CopyState::Invalid;
    if ((there || cache_.available(d) > spare) && acquire(d, in.tiles[i], in.blocks[i])) continue;
    release_inputs(d, in);
    dev.starved = true;
    return false;
  }
  return true;
}

void Scheduler::request_inputs(DeviceId d, Slot& s) {
  Device& dev = device(d);
  if (dev.together()) {
    while (s.requested < s.steps && s.requested < s.done + kLookAhead &&
           s.begin + s.requested < rearmost(dev).step() + kLookAhead && acquire_step(d, s)) {
      ++s.requested;
    }
    return;
  }
  // Of many tasks that begin together each gets its first tiles before any gets more.
  const bool begins =
      dev.shares_streams && s.issued == 0 && info(s.task).task.successor == TaskId::None;
  if (s.look_ahead < kLookAhead && !begins) widen(dev, s);
  const int32_t until = std::min(s.steps, s.done + (begins ? 1 : s.look_ahead));
  while (s.requested < until) {
    StepInputs& in = s.inputs_of(s.requested);
    if (!in.pinned(0) && !in.pinned(1)) {
      in.tiles = graph_.inputs(info(s.task).place, s.requested);
    }
    bool waits = false;
    for (size_t i = 0; i < 2; ++i) {
      if (in.tiles[i] == TileId::None || in.blocks[i] != BlockId::None) continue;
      if (graph_.outputs_are_read() && unsolved(d, s, in.tiles[i])) {
        waits = true;
      } else if (!acquire(d, in.tiles[i], in.blocks[i])) {
        dev.starved = true;
        return;
      }
    }
    if (waits) return;
    ++s.requested;
  }
}

// The tile that the step to be requested reads is a result that is neither home nor on this device.
bool Scheduler::unsolved(DeviceId d, const Slot& s, TileId t) const {
  if (!graph_.is_output(t)) return false;
  const State solver = info(graph_.solved_by(s.task, s.requested)).state;
  return solver != State::Committed &&
         (solver != State::Finishing || cache_.state(d, t) != cache::CopyState::Valid);
}

inline bool Scheduler::inputs_ready(DeviceId d, const StepInputs& inputs) const {
  const auto here = [&](TileId t) {
    return t == TileId::None || cache_.state(d, t) == cache::CopyState::Valid;
  };
  return here(inputs.tiles[0]) && here(inputs.tiles[1]);
}

inline bool Scheduler::can_issue(DeviceId d, const Slot& s) const {
  return s.issued < s.requested && s.issued - s.done < kMostOutstanding && s.c_ready && !s.failed &&
         inputs_ready(d, s.inputs_of(s.issued));
}

void Scheduler::issue_kernel(DeviceId d, int32_t slot, int32_t stream) {
  Device& dev = device(d);
  Slot& s = dev.slots[static_cast<size_t>(slot)];
  const StepInputs& in = s.inputs_of(s.issued);
  Operation& op = operations_.open(Operation::Kind::Compute, d);
  op.slot = slot;
  op.stream = stream;
  op.task = s.task;
  ++s.outstanding;
  ++dev.streams[static_cast<size_t>(stream)];
  s.stream = stream;
  auto& compute = std::get<Compute>(commands_.emplace_back(std::in_place_type<Compute>));
  compute.op = Operations::id(op);
  compute.device = d;
  compute.stream = stream;
  compute.task = s.task;
  compute.first_step = s.issued;
  compute.a = in.blocks[0];
  compute.b = in.blocks[1];
  compute.c = s.c;
  ++s.issued;
}

bool Scheduler::goes_before(const Device& d, const Slot& a, const Slot& b) const {
  if (d.together() && a.step() != b.step()) return a.step() < b.step();
  return a.turn < b.turn;
}

// More tasks than streams: the one that began first goes first, so that outputs leave one after another and not all at the
// end; the others make use of the time in which its tiles are still coming.
void Scheduler::issue_kernels(DeviceId d) {
  Device& dev = device(d);
  while (true) {
    const auto emptiest = std::min_element(dev.streams.begin(), dev.streams.end());
    if (*emptiest >= kMostOutstanding) return;
    const Slot* first = nullptr;
    for (const Slot& s : dev.slots) {
      // Its next kernel has to follow the one under way, in a stream that others may have filled.
      const bool full =
          s.issued > s.done && dev.streams[static_cast<size_t>(s.stream)] >= kMostOutstanding;
      if (!full && (first == nullptr || goes_before(dev, s, *first)) && can_issue(d, s)) first = &s;
    }
    if (first == nullptr) return;
    const bool follows = first->issued > first->done;
    const auto slot = static_cast<int32_t>(first - dev.slots.data());
    issue_kernel(d, slot,
                 follows ? first->stream : static_cast<int32_t>(emptiest - dev.streams.begin()));
    if (first->issued > 1) continue;
    open_successor(info(first->task).task);
    request_inputs(d, dev.slots[static_cast<size_t>(slot)]);
  }
}

void Scheduler::advance(DeviceId d, int32_t slot) {
  Device& dev = device(d);
  if (dev.spec.memory == Memory::Home) return;
  request_inputs(d, dev.slots[static_cast<size_t>(slot)]);
  if (dev.shares_streams) {
    issue_kernels(d);
  } else {
    while (can_issue(d, dev.slots[static_cast<size_t>(slot)])) issue_kernel(d, slot, slot);
  }
}

void Scheduler::tile_arrived(DeviceId d, TileId t) {
  cache_.set_valid(d, t);
  Device& dev = device(d);
  if (dev.old_wanted > 0) copy_outputs(d, t);
  if (dev.shares_streams) {
    issue_kernels(d);
  } else {
    const auto slots = static_cast<int32_t>(dev.slots.size());
    for (int32_t i = 0; i < slots; ++i) {
      const Slot& s = dev.slots[static_cast<size_t>(i)];
      if (s.issued == s.requested) continue;
      const auto& wanted = s.inputs_of(s.issued).tiles;
      if (wanted[0] != t && wanted[1] != t) continue;
      while (can_issue(d, s)) issue_kernel(d, i, i);
    }
  }
  if (cache_.waiting() > 0) reroute_waiters(d, t);
}

void Scheduler::release_inputs(DeviceId d, StepInputs& inputs) {
  for (const BlockId b : inputs.blocks) {
    if (b != BlockId::None) cache_.unpin(d, b);
  }
  inputs = StepInputs{};
}

}  // namespace blasx::schedule
