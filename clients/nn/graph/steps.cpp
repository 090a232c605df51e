// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/steps.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nn::graph {
namespace {

void keep_those_with_bytes(const Costs& costs, std::vector<TensorId>& tensors) {
  std::sort(tensors.begin(), tensors.end());
  tensors.erase(std::unique(tensors.begin(), tensors.end()), tensors.end());
  std::erase_if(tensors, [&](const TensorId& id) { return tensor_bytes(costs, id) == 0; });
}

}  // namespace

std::string tensor_name(const Network& network, const TensorId& tensor) {
  const auto layer = static_cast<size_t>(tensor.layer);
  const std::string& name = network.layers[layer].name;
  if (tensor.kind == TensorKind::Output) return name;
  if (tensor.kind == TensorKind::Saved) return "saved " + name;
  if (network.consumers[layer].size() < 2) return "d " + name;
  return fmt::format("d {}.{}", name, tensor.branch);
}

int64_t tensor_bytes(const Costs& costs, const TensorId& tensor) {
  const LayerCosts& layer = costs.layers[static_cast<size_t>(tensor.layer)];
  switch (tensor.kind) {
    case TensorKind::Output:
      return layer.output_bytes;
    case TensorKind::Gradient:
      return layer.gradient_bytes;
    case TensorKind::Saved:
      return layer.saved_bytes;
  }
  return 0;
}

bool is_forward(const Network& network, int step) { return step < network.size(); }

int layer_of_step(const Network& network, int step) {
  return is_forward(network, step) ? step : network.steps() - 1 - step;
}

Access access(const Network& network, const Costs& costs, int step) {
  const int index = layer_of_step(network, step);
  const Layer& layer = network.layers[static_cast<size_t>(index)];
  const LayerCosts& cost = costs.layers[static_cast<size_t>(index)];
  Access result;
  const auto inputs = [&] {
    for (const int input : layer.inputs) result.reads.push_back({TensorKind::Output, input});
  };
  if (is_forward(network, step)) {
    inputs();
    result.writes = {{TensorKind::Output, index}, {TensorKind::Saved, index}};
  } else if (network.needs_gradient(index)) {
    if (cost.reads_input) inputs();
    if (cost.reads_output) result.reads.push_back({TensorKind::Output, index});
    result.reads.push_back({TensorKind::Saved, index});
    const auto branches = static_cast<int>(network.consumers[static_cast<size_t>(index)].size());
    for (int branch = 0; branch < branches; ++branch)
      result.reads.push_back({TensorKind::Gradient, index, branch});
    for (size_t slot = 0; slot < layer.inputs.size(); ++slot) {
      if (!network.needs_gradient(layer.inputs[slot])) continue;
      result.writes.push_back({TensorKind::Gradient, layer.inputs[slot],
                               network.branch(index, static_cast<int>(slot))});
    }
  }
  keep_those_with_bytes(costs, result.reads);
  keep_those_with_bytes(costs, result.writes);
  return result;
}

}  // namespace nn::graph
