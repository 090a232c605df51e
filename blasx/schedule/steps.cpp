// SPDX-License-Identifier: Apache-2.0
// The steps of running tasks: which inputs are asked for, and whose kernel is next.
#include <algorithm>
#include <limits>

#include "blasx/schedule/scheduler.hpp"

namespace blasx::schedule {
namespace {

constexpr int64_t kNowhere = std::numeric_limits<int64_t>::max() / 2;  // after all places

}  // namespace

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

// Pins all inputs of the next step or none. Who is ahead of others evicts nothing that those may need.
bool Scheduler::acquire_step(DeviceId d, int32_t slot, bool ahead) {
  Device& dev = device(d);
  Slot& s = dev.slots[static_cast<size_t>(slot)];
  const std::array<TileId, 2> tiles = graph_.inputs(info(s.task).place, s.requested);
  const bool all_here = std::all_of(tiles.begin(), tiles.end(), [&](TileId t) {
    return t == TileId::None || cache_.state(d, t) != cache::CopyState::Invalid;
  });
  if (!all_here) {
    int32_t room = ahead ? cache_.unused(d) : cache_.available(d);
    if (ahead && dev.entering) room -= 2;  // for what the next task reads
    if (room < 2) return false;
  }
  StepInputs& in = s.inputs_of(s.requested++);
  in.tiles = tiles;
  for (size_t i = 0; i < 2; ++i) {
    if (tiles[i] != TileId::None) BLASX_CHECK(acquire(d, tiles[i], in.blocks[i]));
  }
  // After them, for it may evict what is not pinned.
  if (!s.c_asked) fetch_output(d, slot);
  return true;
}

// Where the task begins that waits for room.
int64_t Scheduler::place_of_entering(const Device& d) {
  TaskId next = d.station.empty() ? TaskId::None : d.station.front();
  for (const auto part : {ReadyZones::Part::Whole, ReadyZones::Part::Fine}) {
    if (next != TaskId::None) break;
    ready_.walk(d.zone, part, std::numeric_limits<int32_t>::max(), [&](TaskId id) {
      next = id;
      return false;
    });
  }
  return next == TaskId::None ? kNowhere : ready_.block_of(next).begin;
}

// Of tasks that advance together: in the order in which their kernels are to run and never past one that finds no block, for
// blocks are not reserved, since most are shared. So what is pinned is always what comes next, and gets done.
void Scheduler::request_in_order(DeviceId d) {
  Device& dev = device(d);
  // Room comes where outputs are leaving; else nobody waits for who has none.
  const bool leaving = dev.reserved > dev.running;
  int64_t rearmost = dev.entering && leaving ? place_of_entering(dev) : kNowhere;
  for (const Slot& s : dev.slots) {
    if (s.task != TaskId::None) rearmost = std::min(rearmost, s.place(s.done));
  }
  while (true) {
    const Slot* next = nullptr;
    int64_t least = rearmost + tile::kMostAhead;
    for (const Slot& s : dev.slots) {
      if (s.task == TaskId::None || s.failed || s.requested == s.steps ||
          s.requested == s.done + kMostRequested)
        continue;
      const int64_t place = s.place(s.requested);
      if (place > least || (place == least && (next == nullptr || s.turn > next->turn))) continue;
      if (graph_.outputs_are_read() && unsolved(d, s)) continue;
      next = &s;
      least = place;
    }
    if (next == nullptr) return;
    const auto slot = static_cast<int32_t>(next - dev.slots.data());
    if (acquire_step(d, slot, least > rearmost)) continue;
    dev.starved = true;
    return;
  }
}

void Scheduler::advance_block(DeviceId d) {
  const Device& dev = device(d);
  if (!dev.together() || !usable(dev)) return;
  request_in_order(d);
  issue_kernels(d);
}

void Scheduler::request_inputs(DeviceId d, Slot& s) {
  Device& dev = device(d);
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
      if (graph_.outputs_are_read() && graph_.is_output(in.tiles[i]) && unsolved(d, s)) {
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
bool Scheduler::unsolved(DeviceId d, const Slot& s) const {
  const TaskId solver = graph_.solved_by(s.task, s.requested);
  if (solver == TaskId::None || info(solver).state == State::Committed) return false;
  return info(solver).state != State::Finishing ||
         cache_.state(d, info(solver).task.output) != cache::CopyState::Valid;
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
  if (d.together() && a.place(a.done) != b.place(b.done)) return a.place(a.done) < b.place(b.done);
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
    if (first->issued > 1 || dev.together()) continue;
    open_successor(info(first->task).task);
    request_inputs(d, dev.slots[static_cast<size_t>(slot)]);
  }
}

void Scheduler::advance(DeviceId d, int32_t slot) {
  Device& dev = device(d);
  if (dev.spec.memory == Memory::Home) return;
  if (dev.together()) return advance_block(d);
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

// The step that was done no longer needs them. In a block it is known how many tasks read the same.
void Scheduler::use_inputs(DeviceId d, Slot& s) {
  StepInputs& inputs = s.inputs_of(s.done);
  if (!device(d).together()) return release_inputs(d, inputs);
  const std::array<int32_t, 2> uses = tile::uses_in_block(grid_, s.cut, info(s.task).place, s.done);
  for (size_t i = 0; i < 2; ++i) {
    if (inputs.blocks[i] != BlockId::None) cache_.unpin_used(d, inputs.blocks[i], uses[i]);
  }
  inputs = StepInputs{};
}

}  // namespace blasx::schedule
