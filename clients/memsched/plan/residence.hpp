// SPDX-License-Identifier: Apache-2.0
// Where each tensor is while a plan is made, and the plan so far: every change of place becomes an action. Knows how,
// not why: Engine decides.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "clients/memsched/plan/arena.hpp"
#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/plan/schedule.hpp"

namespace memsched {

class Residence {
 public:
  // `lives` and `schedule` must stay. capacity 0: no limit.
  Residence(const Lives& lives, int64_t capacity_bytes, int steps, Schedule& schedule);

  bool on_device(int tensor) const { return at(tensor).offset >= 0; }
  bool on_host(int tensor) const { return at(tensor).host; }
  const std::set<int>& resident() const { return resident_; }
  int64_t used_bytes() const { return used_bytes_; }
  int64_t free_bytes() const { return arena_.free_bytes(); }

  void begin_step(int step);
  // False when no hole is large enough.
  bool place(int tensor);
  // Makes a hole by moving others; false when there are not enough bytes.
  bool compact(int64_t bytes);
  void release(int tensor);
  void copy_out(int tensor);
  void copy_in(int tensor);
  void drop_host(int tensor);
  // Only for the run or replay that comes next. Nothing when no hole is large enough; 0 bytes always find one.
  std::optional<int64_t> workspace(int64_t bytes);
  void run(int step, int algorithm, int64_t workspace_bytes, int64_t offset);
  void replay(int layer, int algorithm, int64_t workspace_bytes, int64_t offset);

 private:
  struct State {
    int64_t offset = -1;
    bool host = false;
  };
  const State& at(int tensor) const { return states_[static_cast<size_t>(tensor)]; }
  State& at(int tensor) { return states_[static_cast<size_t>(tensor)]; }
  void emit(ActionKind kind, int tensor);
  void used(int64_t change_bytes);
  void end_workspace(int64_t workspace_bytes, int64_t offset);

  const Lives& lives_;
  Schedule& schedule_;
  Arena arena_;
  std::vector<State> states_;
  std::map<int64_t, int> by_offset_;
  std::set<int> resident_;
  int64_t used_bytes_ = 0;
  int64_t host_bytes_ = 0;
  int step_ = 0;
};

}  // namespace memsched
