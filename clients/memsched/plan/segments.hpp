// SPDX-License-Identifier: Apache-2.0
// Checkpoint layers, the segments between them, and how each segment is replayed.
#pragma once

#include <vector>

#include "clients/memsched/plan/switches.hpp"
#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"

namespace memsched {

// Data, conv, fc and softmax, whose outputs are moved rather than computed again; fork, add and concat, so that a
// segment is a chain of layers with one input and one reader each.
bool is_checkpoint(nn::graph::LayerKind kind);

struct Segment {
  int source = 0;           // the checkpoint it starts from
  std::vector<int> layers;  // in order
  // Bytes on the device in the hungriest backward step of its layers when all it replayed stays there: its source,
  // outputs up to that layer and the layer's gradients.
  int64_t speed_centric_bytes = 0;
};
std::vector<Segment> segments(const nn::graph::Network& network, const nn::graph::Costs& costs);

// For each layer whether it is replayed the memory-centric way.
std::vector<bool> memory_centric(const nn::graph::Network& network, const nn::graph::Costs& costs,
                                 Replay replay);

}  // namespace memsched
