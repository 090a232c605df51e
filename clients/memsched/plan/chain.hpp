// SPDX-License-Identifier: Apache-2.0
// The best that recomputation can do on a chain of stages of which each is kept whole or not at all: what other policies
// are compared with. Dynamic programming of Beaumont, Eyraud-Dubois, Herrmann, Joly, Shilova, "Optimal checkpointing for
// heterogeneous chains", 2019: optimal among schedules that keep what they stored until it is used. Nothing is moved. Who
// drops single tensors inside stages can do better, and DTR does.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "clients/memsched/plan/schedule.hpp"
#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"

namespace memsched {

// What lies between two layers that all paths go through. Sizes in any unit.
struct Stage {
  int64_t output = 0;          // a: what the next stage reads
  int64_t all = 0;             // everything its backward needs, output included
  int64_t gradient = 0;        // of its output
  int64_t forward_extra = 0;   // while forward runs, beyond its output
  int64_t backward_extra = 0;  // while backward runs, beyond `all` and its output's gradient
  double forward_ns = 0, backward_ns = 0;
};
// A network with forks is a chain of stages too; one layer each where there are none. Data is not in it: its output stays.
std::vector<Stage> stages_of(const nn::graph::Network& network, const nn::graph::Costs& costs);

// The shortest time for an iteration within `memory` (without the data's output), nothing when there is none. Sizes are small
// whole numbers: its work grows with stages^3 x memory.
std::optional<double> shortest(const std::vector<Stage>& stages, int64_t memory);

struct ChainOptimum {
  double compute_ns = 0;
  double replay_ns = 0;  // of it: beyond each step once
};
// In blocks, and these in units of 1/300 of the budget, rounded against it. Nothing when it does not fit, or the chain is longer than 400.
std::optional<ChainOptimum> chain_optimum(const nn::graph::Network& network,
                                          const nn::graph::Costs& costs, int64_t budget_bytes);
// The same schedule, step by step: all steps in their order, and among them once more the forward steps that are repeated.
std::optional<std::vector<int>> chain_route(const nn::graph::Network& network,
                                            const nn::graph::Costs& costs, int64_t budget_bytes);
// Its plan.
Schedule play_route(const nn::graph::Network& network, const nn::graph::Costs& costs,
                    const std::vector<int>& route, int64_t budget_bytes);

}  // namespace memsched
