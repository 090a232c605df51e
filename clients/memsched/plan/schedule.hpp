// SPDX-License-Identifier: Apache-2.0
// A plan: what happens in one iteration, in order, with every place decided. Plain values.
#pragma once

#include <cstdint>
#include <vector>

#include "clients/nn/graph/steps.hpp"

namespace memsched {

enum class ActionKind : uint8_t {
  Place,     // tensor gets offset_bytes
  Release,   // its place is given up; absent, or on the host
  CopyOut,   // to the host, beside the steps that follow
  CopyIn,    // from the host, into its place
  Move,      // to offset_bytes
  DropHost,  // the host copy goes
  Replay,    // layer forward again, with algorithm and a workspace of `bytes` at offset_bytes
  Run,       // step, likewise
};

struct Action {
  ActionKind kind = ActionKind::Run;
  nn::graph::TensorId tensor;
  int step = 0;
  int layer = 0;
  int algorithm = 0;
  int64_t offset_bytes = 0;
  int64_t bytes = 0;

  bool operator==(const Action&) const = default;
};

struct Schedule {
  std::vector<Action> actions;

  int64_t peak_bytes = 0;        // the most ever asked for at a time, workspaces included
  int64_t block_peak_bytes = 0;  // the same, sizes rounded to blocks
  int64_t arena_bytes = 0;       // high-water mark: rounding and fragmentation included
  int64_t l_peak_bytes = 0;      // what the hungriest step names: no plan can do with less
  int64_t host_peak_bytes = 0;
  int64_t replays = 0;
  int64_t compute_ns = 0;  // by the costs given: steps and replays
  int64_t replay_ns = 0;
  int64_t bytes_out = 0, bytes_in = 0;  // between host and device
  int64_t bytes_compacted = 0;
  std::vector<int64_t> step_peak_bytes;  // of each step, its preparation included
  std::vector<int64_t> step_workspace_bytes;
  std::vector<int> step_replays;
};

}  // namespace memsched
