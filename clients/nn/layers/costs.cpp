// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/costs.hpp"

namespace nn {

const graph::Layer& layer_of(const graph::Network& network, int layer) {
  return network.layers[static_cast<size_t>(layer)];
}

const graph::Layer& input_of(const graph::Network& network, int layer, size_t which) {
  return layer_of(network, layer_of(network, layer).inputs[which]);
}

graph::LayerCosts costs_of(const graph::Layer& layer, const Needs& needs) {
  const int64_t bytes = layer.out.elems() * static_cast<int64_t>(sizeof(float));
  graph::LayerCosts costs;
  costs.output_bytes = bytes;
  costs.gradient_bytes = bytes;
  costs.saved_bytes = needs.saved_bytes;
  costs.reads_input = needs.reads_input;
  costs.reads_output = needs.reads_output;
  costs.forward = {{.name = "only", .workspace_bytes = needs.forward_bytes, .time_ns = 0}};
  costs.backward = {{.name = "only", .workspace_bytes = needs.backward_bytes, .time_ns = 0}};
  return costs;
}

}  // namespace nn
