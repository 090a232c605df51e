// SPDX-License-Identifier: Apache-2.0
// A route as a plan: each tensor has a place from the step that writes it to the last that reads what was written.
#include "clients/memsched/plan/chain.hpp"
#include "clients/memsched/plan/engine.hpp"
#include "clients/nn/graph/governor.hpp"

namespace memsched {
namespace {

using nn::graph::Costs;
using nn::graph::Network;

class Player {
 public:
  Player(const Network& network, const Costs& costs, const std::vector<int>& route,
         int64_t budget_bytes)
      : network_(network),
        costs_(costs),
        route_(route),
        lives_(network, costs, [](int) { return false; }),
        where_(lives_, budget_bytes, network.steps(), schedule_),
        ends_(route.size()) {
    // From behind: what is read later must not end before.
    std::vector<bool> wanted(static_cast<size_t>(lives_.size()), false);
    for (size_t i = route.size(); i-- > 0;) {
      const Lives::Named& named = lives_.named(route[i]);
      for (const auto* some : {&named.reads, &named.writes})
        for (const int tensor : *some)
          if (!wanted[static_cast<size_t>(tensor)]) ends_[i].push_back(tensor);
      for (const int tensor : named.writes) wanted[static_cast<size_t>(tensor)] = false;
      for (const int tensor : named.reads) wanted[static_cast<size_t>(tensor)] = true;
    }
  }

  Schedule play() {
    where_.begin_step(0);
    for (size_t i = 0; i < route_.size(); ++i) {
      go(route_[i]);
      for (const int tensor : ends_[i]) where_.release(tensor);
    }
    schedule_.l_peak_bytes = l_peak(network_, costs_);
    return std::move(schedule_);
  }

 private:
  void go(int step) {
    for (const int tensor : lives_.named(step).writes)
      while (!where_.on_device(tensor) && !where_.place(tensor)) make_room(lives_[tensor].bytes);
    const int layer = layer_of_step(network_, step);
    const auto& cost = costs_.layers[static_cast<size_t>(layer)];
    const auto& way = (is_forward(network_, step) ? cost.forward : cost.backward)[0];
    auto offset = where_.workspace(way.workspace_bytes);
    for (; !offset; offset = where_.workspace(way.workspace_bytes)) make_room(way.workspace_bytes);
    schedule_.compute_ns += way.time_ns;
    if (step < next_) {
      where_.replay(layer, 0, way.workspace_bytes, *offset);
      schedule_.replay_ns += way.time_ns;
      return;
    }
    where_.run(step, 0, way.workspace_bytes, *offset);
    // What is replayed from here on is for the step behind.
    if (++next_ < network_.steps()) where_.begin_step(next_);
  }

  void make_room(int64_t bytes) {
    if (where_.free_bytes() < nn::graph::block_bytes(bytes) || !where_.compact(bytes))
      throw NoRoom{next_, bytes, false};
  }

  const Network& network_;
  const Costs& costs_;
  const std::vector<int>& route_;
  Lives lives_;
  Schedule schedule_;
  Residence where_;
  std::vector<std::vector<int>>
      ends_;      // tensors that nobody reads any more after each place of the route
  int next_ = 0;  // step that has not been run yet
};

}  // namespace

Schedule play_route(const Network& network, const Costs& costs, const std::vector<int>& route,
                    int64_t budget_bytes) {
  return Player(network, costs, route, budget_bytes).play();
}

}  // namespace memsched
