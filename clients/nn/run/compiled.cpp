// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/run/compiled.hpp"

namespace nn {

using graph::LayerKind;

Compiled compile(const graph::Network& network, const LayerSet& set) {
  Compiled compiled{.network = network,
                    .device = set.device(),
                    .element_bytes = set.element_bytes(),
                    .kernels = {},
                    .costs = {}};
  for (int layer = 0; layer < compiled.layers(); ++layer) {
    compiled.kernels.push_back(set.make(network, layer));
    compiled.costs.layers.push_back(compiled.kernels.back()->costs());
    const LayerKind kind = network.layers[static_cast<size_t>(layer)].kind;
    if (kind == LayerKind::Data || kind == LayerKind::SoftmaxLoss)
      compiled.costs.layers.back().gradient_bytes = 0;
  }
  return compiled;
}

}  // namespace nn
