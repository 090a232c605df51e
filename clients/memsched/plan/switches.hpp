// SPDX-License-Identifier: Apache-2.0
// What the planner may do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace memsched {

// Each of SuperNeurons' techniques by itself. `offload` and `recompute` need to know when a tensor is dead, so they
// bring liveness along; `cache` is a way to offload.
struct Switches {
  bool liveness = false;
  bool offload = false;  // outputs of checkpoint layers wait in host memory
  bool cache = false;    // ... but only when room is short, and then whatever was not used longest
  bool recompute = false;   // other outputs are dropped and computed again
  bool workspaces = false;  // each convolution takes the fastest algorithm that finds room

  Switches complete() const;
  bool operator==(const Switches&) const = default;
};
inline constexpr Switches kAll{true, true, true, true, true};

// "liveness,offload", "all", "none"; throws nn::Error naming what is accepted.
Switches parse_switches(std::string_view text);
std::string to_string(const Switches& switches);
// All that differ once completed.
std::vector<Switches> every_combination();

enum class Replay : uint8_t {
  SpeedCentric,   // a segment is replayed once, its results stay for the steps that follow
  MemoryCentric,  // each time up to what is wanted, and nothing else stays
  CostAware,      // the first where it stays below l_peak, else the second
};
enum class Policy : uint8_t {
  SuperNeurons,
  Dtr,  // nothing is moved; what goes has the least cost / (size x staleness): Kirisame et al. 2021
  Chain,  // nothing is moved; stages are kept whole or replayed, in the least time: Beaumont et al. 2019 (chain.hpp)
};

struct Options {
  Switches switches = kAll;
  Replay replay = Replay::CostAware;
  Policy policy = Policy::SuperNeurons;
  int64_t budget_bytes = 0;  // for governed tensors and workspaces; 0: as much as it takes
};

Replay parse_replay(std::string_view text);  // speed, memory, cost
Policy parse_policy(std::string_view text);  // superneurons, dtr, chain

}  // namespace memsched
