// SPDX-License-Identifier: Apache-2.0
// Does it fit, and how: the planner, pure arithmetic. Wang et al., "SuperNeurons: Dynamic GPU Memory Management for Training
// Deep Neural Networks", PPoPP 2018.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "clients/memsched/plan/schedule.hpp"
#include "clients/memsched/plan/switches.hpp"
#include "clients/nn/graph/governor.hpp"

namespace memsched {

struct Outcome {
  std::optional<Schedule> schedule;
  std::string why;  // there is none
};
Outcome plan(const nn::graph::Network& network, const nn::graph::Costs& costs,
             const Options& options);

// The peaks that the paper gives for its four rungs, for networks that are a chain: nothing, + liveness, + offload,
// + recompute.
struct Rungs {
  int64_t nothing = 0, liveness = 0, offload = 0, recompute = 0;
};
Rungs paper_rungs(const nn::graph::Network& network, const nn::graph::Costs& costs);

// Plays the plan to an executor. The schedule must stay. An iteration may end early (an evaluation).
std::unique_ptr<nn::graph::MemoryGovernor> governor(const Schedule& schedule);

// Empty when the plan is sound: every step and replay finds what it reads, nothing overlaps, peaks and high-water mark
// are as stated, nothing is left behind. Knows nothing of how the plan was made.
std::string fault_of(const Schedule& schedule, const nn::graph::Network& network,
                     const nn::graph::Costs& costs);

}  // namespace memsched
