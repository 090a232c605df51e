// SPDX-License-Identifier: Apache-2.0
// A plan read again by someone who did not make it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "clients/memsched/plan/planner.hpp"

namespace memsched {
namespace {

using nn::graph::Costs;
using nn::graph::Network;
using nn::graph::TensorId;

class Reader {
 public:
  Reader(const Network& network, const Costs& costs) : network_(network), costs_(costs) {}

  std::string read(const Schedule& schedule) {
    for (size_t i = 0; i < schedule.actions.size() && fault_.empty(); ++i) {
      act(schedule.actions[i]);
      if (!fault_.empty()) return fmt::format("action {}: {}", i, fault_);
    }
    if (next_step_ != network_.steps()) return fmt::format("ends before step {}", next_step_);
    if (!places_.empty()) return "leaves tensors behind on the device";
    if (!host_.empty()) return "leaves tensors behind on the host";
    if (peak_ != schedule.peak_bytes)
      return fmt::format("its peak is {}, not {}", peak_, schedule.peak_bytes);
    if (high_water_ != schedule.arena_bytes)
      return fmt::format("its high-water mark is {}, not {}", high_water_, schedule.arena_bytes);
    if (replays_ != schedule.replays)
      return fmt::format("it has {} replays, not {}", replays_, schedule.replays);
    return {};
  }

 private:
  void wrong(const TensorId& tensor, const char* what) {
    if (fault_.empty()) fault_ = fmt::format("{} {}", tensor_name(network_, tensor), what);
  }

  int64_t bytes_of(const TensorId& tensor) const { return tensor_bytes(costs_, tensor); }

  // A block of `bytes` at `offset` beside all that are there.
  void fits(const TensorId& tensor, int64_t offset, int64_t bytes) {
    const int64_t size = nn::graph::block_bytes(bytes);
    const auto next = by_offset_.lower_bound(offset);
    if (next != by_offset_.end() && next->first < offset + size) wrong(tensor, "overlaps its next");
    if (next != by_offset_.begin()) {
      const auto before = std::prev(next);
      if (before->first + before->second > offset) wrong(tensor, "overlaps the one before it");
    }
    if (offset % nn::graph::block_bytes(1) != 0) wrong(tensor, "is not aligned");
    high_water_ = std::max(high_water_, offset + size);
    peak_ = std::max(peak_, used_ + bytes);
  }

  void put(const TensorId& tensor, int64_t offset) {
    if (places_.count(tensor) > 0) wrong(tensor, "has a place already");
    fits(tensor, offset, bytes_of(tensor));
    places_[tensor] = offset;
    by_offset_[offset] = nn::graph::block_bytes(bytes_of(tensor));
    used_ += bytes_of(tensor);
  }

  void take(const TensorId& tensor) {
    const auto it = places_.find(tensor);
    if (it == places_.end()) return wrong(tensor, "is moved or released without a place");
    by_offset_.erase(it->second);
    places_.erase(it);
    used_ -= bytes_of(tensor);
  }

  void compute(const std::vector<TensorId>& reads, const std::vector<TensorId>& writes,
               const Action& action) {
    for (const TensorId& tensor : reads)
      if (filled_.count(tensor) == 0) wrong(tensor, "is read, but not there");
    for (const TensorId& tensor : writes) {
      if (places_.count(tensor) == 0) wrong(tensor, "is written, but has no place");
      filled_.insert(tensor);
    }
    if (action.bytes > 0) fits({}, action.offset_bytes, action.bytes);
  }

  void run(const Action& action) {
    if (action.step != next_step_++) fault_ = "steps are out of order";
    const auto named = access(network_, costs_, action.step);
    compute(named.reads, named.writes, action);
  }

  void replay(const Action& action) {
    ++replays_;
    if (action.layer >= next_step_) fault_ = "replays what has not been run";
    const auto named = access(network_, costs_, action.layer);
    compute(named.reads, named.writes, action);
  }

  void act(const Action& action) {
    const TensorId& tensor = action.tensor;
    switch (action.kind) {
      case ActionKind::Place:
        return put(tensor, action.offset_bytes);
      case ActionKind::Release:
        filled_.erase(tensor);
        return take(tensor);
      case ActionKind::CopyOut:
        if (filled_.count(tensor) == 0) wrong(tensor, "is copied out, but not there");
        if (!host_.insert(tensor).second) wrong(tensor, "is on the host already");
        return;
      case ActionKind::CopyIn:
        if (host_.count(tensor) == 0) wrong(tensor, "is copied in, but not on the host");
        if (places_.count(tensor) == 0) wrong(tensor, "is copied in without a place");
        filled_.insert(tensor);
        return;
      case ActionKind::Move:
        take(tensor);
        return put(tensor, action.offset_bytes);
      case ActionKind::DropHost:
        if (host_.erase(tensor) == 0) wrong(tensor, "is not on the host");
        return;
      case ActionKind::Replay:
        return replay(action);
      case ActionKind::Run:
        return run(action);
    }
  }

  const Network& network_;
  const Costs& costs_;
  std::map<TensorId, int64_t> places_;
  std::map<int64_t, int64_t> by_offset_;
  std::set<TensorId> filled_, host_;
  int64_t used_ = 0, peak_ = 0, high_water_ = 0, replays_ = 0;
  int next_step_ = 0;
  std::string fault_;
};

}  // namespace

std::string fault_of(const Schedule& schedule, const Network& network, const Costs& costs) {
  return Reader(network, costs).read(schedule);
}

}  // namespace memsched
