// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/segments.hpp"

#include <algorithm>

#include "clients/memsched/plan/lives.hpp"

namespace memsched {

using nn::graph::Costs;
using nn::graph::LayerKind;
using nn::graph::Network;

bool is_checkpoint(LayerKind kind) {
  switch (kind) {
    case LayerKind::MaxPool:
    case LayerKind::AvgPool:
    case LayerKind::Lrn:
    case LayerKind::BatchNorm:
    case LayerKind::Relu:
    case LayerKind::Dropout:
      return false;
    default:
      return true;
  }
}

std::vector<Segment> segments(const Network& network, const Costs& costs) {
  std::vector<Segment> all;
  std::vector<int> segment_of(network.layers.size(), -1);
  for (int i = 0; i < network.size(); ++i) {
    const auto& layer = network.layers[static_cast<size_t>(i)];
    if (is_checkpoint(layer.kind)) continue;
    const int input = layer.inputs[0];
    int& mine = segment_of[static_cast<size_t>(i)];
    mine = segment_of[static_cast<size_t>(input)];
    if (mine < 0) {
      mine = static_cast<int>(all.size());
      all.push_back({input, {}, 0});
    }
    all[static_cast<size_t>(mine)].layers.push_back(i);
  }
  const auto cost = [&](int i) -> const auto& { return costs.layers[static_cast<size_t>(i)]; };
  for (Segment& segment : all) {
    int64_t outputs = cost(segment.source).output_bytes;
    int input = segment.source;
    for (const int layer : segment.layers) {
      outputs += cost(layer).output_bytes;
      const int64_t gradients = cost(layer).gradient_bytes + cost(input).gradient_bytes;
      segment.speed_centric_bytes = std::max(segment.speed_centric_bytes, outputs + gradients);
      input = layer;
    }
  }
  return all;
}

std::vector<bool> memory_centric(const Network& network, const Costs& costs, Replay replay) {
  std::vector<bool> result(network.layers.size(), replay == Replay::MemoryCentric);
  if (replay != Replay::CostAware) return result;
  const int64_t limit = l_peak(network, costs);
  for (const Segment& segment : segments(network, costs))
    for (const int layer : segment.layers)
      result[static_cast<size_t>(layer)] = segment.speed_centric_bytes > limit;
  return result;
}

}  // namespace memsched
