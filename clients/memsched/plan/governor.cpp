// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "clients/memsched/plan/planner.hpp"

namespace memsched {
namespace {

using nn::graph::TensorId;
using nn::graph::TensorStore;

class PlanGovernor : public nn::graph::MemoryGovernor {
 public:
  explicit PlanGovernor(const Schedule& schedule) : schedule_(schedule) {}

  int64_t arena_bytes() const override { return schedule_.arena_bytes; }

  void begin_iteration(TensorStore&) override { next_ = 0; }

  int before(int step, TensorStore& store) override {
    while (next_ < schedule_.actions.size()) {
      const Action& action = schedule_.actions[next_++];
      if (action.bytes > 0 && (action.kind == ActionKind::Run || action.kind == ActionKind::Replay))
        store.workspace(action.offset_bytes, action.bytes);
      if (action.kind == ActionKind::Run && action.step == step) return action.algorithm;
      play(action, store);
    }
    return 0;
  }

  void after(int, TensorStore&) override {}

  void end_iteration(TensorStore& store) override {
    for (const TensorId& tensor : placed_) store.release(tensor);
    for (const TensorId& tensor : on_host_) store.drop_host(tensor);
    placed_.clear();
    on_host_.clear();
  }

 private:
  void play(const Action& action, TensorStore& store) {
    switch (action.kind) {
      case ActionKind::Place:
        placed_.insert(action.tensor);
        return store.place(action.tensor, action.offset_bytes);
      case ActionKind::Release:
        placed_.erase(action.tensor);
        return store.release(action.tensor);
      case ActionKind::CopyOut:
        on_host_.insert(action.tensor);
        return store.copy_out(action.tensor);
      case ActionKind::CopyIn:
        return store.copy_in(action.tensor);
      case ActionKind::Move:
        return store.move(action.tensor, action.offset_bytes);
      case ActionKind::DropHost:
        on_host_.erase(action.tensor);
        return store.drop_host(action.tensor);
      case ActionKind::Replay:
        return store.replay(action.layer, action.algorithm);
      case ActionKind::Run:
        return;
    }
  }

  const Schedule& schedule_;
  size_t next_ = 0;
  std::set<TensorId> placed_, on_host_;
};

}  // namespace

std::unique_ptr<nn::graph::MemoryGovernor> governor(const Schedule& schedule) {
  return std::make_unique<PlanGovernor>(schedule);
}

}  // namespace memsched
