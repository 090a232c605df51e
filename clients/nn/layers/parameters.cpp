// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/parameters.hpp"

#include <cmath>

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
