// SPDX-License-Identifier: Apache-2.0
// Devices that are gone: nothing of theirs counts any more, except a store that was already under way.
#include <algorithm>

#include "blasx/schedule/scheduler.hpp"
#include "common/check.hpp"

namespace blasx::schedule {

void Scheduler::retire(DeviceId id) {
  Device& d = device(id);
  if (d.lost) return;
  d.lost = true;
  owners_.clear();  // its tasks are anyone's now
  all_need_pump_ = true;
  count_slots();

  give_back_station(d);
  for (Slot& s : d.slots) {
    if (s.task == TaskId::None) continue;
    // A device at home may be writing C: its task is over only when its kernel is answered.
    if (d.spec.memory == Memory::Arena) return_to_ready(s.task);
    s = Slot{};
  }
  // A store under way may still reach home: its task waits for the answer. Others start again.
  std::erase_if(finishing_, [&](const Finish& f) {
    if (f.device != id || f.storing) return false;
    return_to_ready(f.task);
    return true;
  });
  // Whoever waits for a copy of ours looks elsewhere.
  std::vector<TileId> coming;
  operations_.each([&](const Operation& op) {
    if (op.kind == Operation::Kind::FetchInput && op.device == id && !op.dropped) {
      coming.push_back(op.tile);
    }
  });
  cache_.drop_device(id);
  for (const TileId t : coming) reroute_waiters(id, t);
}

void Scheduler::check_invariants() const {
  cache_.check_invariants();
  int32_t committed = 0, not_started = 0, ready = 0;
  int64_t work_not_started = 0;
  for (size_t i = 0; i < tasks_.size(); ++i) {
    const State s = tasks_[i].state;
    committed += s == State::Committed ? 1 : 0;
    not_started += s <= State::Claimed ? 1 : 0;
    work_not_started += s <= State::Claimed ? tasks_[i].work() : 0;
    ready += s == State::Ready ? 1 : 0;
    BLASX_CHECK_EQ(ready_.contains(TaskId{static_cast<int32_t>(i)}), s == State::Ready);
  }
  BLASX_CHECK_EQ(committed, committed_);
  BLASX_CHECK_EQ(not_started, not_started_);
  BLASX_CHECK_EQ(work_not_started, work_not_started_);
  BLASX_CHECK_EQ(ready, ready_.count());
  operations_.check_invariants();
  for (size_t i = 0; i < devices_.size(); ++i) {
    const Device& d = devices_[i];
    if (d.lost) continue;
    int64_t work_left = 0;
    for (const Slot& s : d.slots) work_left += int64_t{s.weight} * (s.steps - s.done);
    BLASX_CHECK_EQ(work_left, d.work_left);
    if (d.spec.memory == Memory::Home) continue;
    int32_t reserved = 0;
    for (const Slot& s : d.slots) reserved += s.task != TaskId::None ? s.reserved() : 0;
    for (const Finish& f : finishing_) reserved += f.device == id_of(i) ? 1 : 0;
    BLASX_CHECK_EQ(reserved, d.reserved);
    BLASX_CHECK_LE(reserved, d.spec.blocks);
  }
}

}  // namespace blasx::schedule
