// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/parameters.hpp"

#include <cmath>
#include <utility>

namespace nn {

using graph::LayerKind;

std::vector<ParameterSpec> parameters_of(const graph::Network& network, int index) {
  const graph::Layer& layer = network.layers[static_cast<size_t>(index)];
  std::vector<ParameterSpec> specs;
  const auto weights = [&](int64_t fan_in) {
    specs.push_back({.name = layer.name + ".weight",
                     .elems = layer.out.c * fan_in,
                     .deviation = std::sqrt(2.0 / static_cast<double>(fan_in)),
                     .decays = true});
    if (layer.bias) specs.push_back({.name = layer.name + ".bias", .elems = layer.out.c});
  };
  if (layer.kind == LayerKind::Conv || layer.kind == LayerKind::Fc) {
    const graph::Shape& in = network.layers[static_cast<size_t>(layer.inputs[0])].out;
    weights(layer.kind == LayerKind::Conv ? in.c * layer.kernel_h * layer.kernel_w
                                          : in.c * in.h * in.w);
  } else if (const int64_t gates = graph::gates(layer.kind); gates > 0) {
    const int64_t hidden = layer.out.w;
    const int64_t features = network.layers[static_cast<size_t>(layer.inputs[0])].out.w;
    // As spread out as numbers drawn evenly from +-1/sqrt(hidden).
    const double deviation = 1 / std::sqrt(3 * static_cast<double>(hidden));
    for (const auto& [part, columns] : {std::pair{"ih", features}, {"hh", hidden}})
      specs.push_back({.name = layer.name + ".weight_" + part,
                       .elems = gates * hidden * columns,
                       .deviation = deviation,
                       .decays = true});
    for (const char* part : {"ih", "hh"})
      specs.push_back({.name = layer.name + ".bias_" + part, .elems = gates * hidden});
  } else if (layer.kind == LayerKind::BatchNorm) {
    const int64_t channels = layer.out.c;
    specs.push_back({.name = layer.name + ".scale", .elems = channels, .value = 1});
    specs.push_back({.name = layer.name + ".shift", .elems = channels});
    specs.push_back({.name = layer.name + ".mean", .elems = channels, .trained = false});
    specs.push_back(
        {.name = layer.name + ".variance", .elems = channels, .value = 1, .trained = false});
  }
  return specs;
}

}  // namespace nn
