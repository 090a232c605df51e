// SPDX-License-Identifier: Apache-2.0
// Goes through the 2N steps once and decides what is placed, dropped, moved and replayed. Used by plan() alone.
#pragma once

#include <vector>

#include "clients/memsched/plan/residence.hpp"
#include "clients/memsched/plan/switches.hpp"

namespace memsched {

// Thrown where even the tensors in use find no room.
struct NoRoom {
  int step = 0;
  int64_t bytes = 0;
  bool thrashes = false;  // replays without an end in sight
};

// What a first pass found: bytes each step takes, and how far prefetches and larger workspaces may go.
struct Guide {
  std::vector<int64_t> step_peak_bytes;
  int64_t limit_bytes = 0;
};

class Engine {
 public:
  // `guide`: null in a first pass, which fetches on demand and takes the smallest workspaces. All arguments must stay.
  Engine(const nn::graph::Network& network, const nn::graph::Costs& costs, const Options& options,
         const Guide* guide);
  Schedule run();

 private:
  void step(int step);
  void ensure(int tensor);
  void replay(int layer);
  void allocate(int tensor);
  int64_t allocate_workspace(int64_t bytes);
  void make_room(int64_t bytes);
  bool evict_one();
  double worth(int tensor) const;  // the least goes first
  // Of a step or replay; `offset`: where its workspace is.
  int choose(const std::vector<nn::graph::Algorithm>& all, int64_t& offset);
  void prefetch();
  bool prefetch_for(int later);
  bool may_prefetch(int tensor, int later) const;
  void after_step();
  void drop_replayable();
  void move_checkpoints();
  void release_dead();
  void after_replay(int layer);

  void hold(int tensor);
  void let_go(int tensor) { --held_[static_cast<size_t>(tensor)]; }
  bool is_held(int tensor) const { return held_[static_cast<size_t>(tensor)] > 0; }
  bool backward_later(int tensor) const;
  const nn::graph::LayerCosts& cost(int layer) const;

  const nn::graph::Network& network_;
  const nn::graph::Costs& costs_;
  const Options& options_;
  const Guide* guide_;
  Switches with_;
  bool lazy_;  // things go only when room is short
  Lives lives_;
  Schedule schedule_;
  Residence where_;
  std::vector<bool> memory_centric_;
  std::vector<int> held_;  // by whom may not go now
  std::vector<double> used_at_;
  std::vector<int> touched_at_;    // step that named or replayed it last
  std::vector<int> awaited_at_;    // step that it was prefetched for
  std::vector<int64_t> reserved_;  // bytes of prefetches that wait in each step
  double now_ = 0;
  int step_ = 0;
};

}  // namespace memsched
