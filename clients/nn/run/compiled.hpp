// SPDX-License-Identifier: Apache-2.0
// A network with the kernels that compute it and what they cost.
#pragma once

#include <memory>
#include <vector>

#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"
#include "clients/nn/layers/kernel.hpp"

namespace nn {

struct Compiled {
  graph::Network network;
  std::shared_ptr<Device> device;
  int64_t element_bytes = 0;
  std::vector<std::unique_ptr<Kernel>> kernels;  // one a layer
  graph::Costs costs;

  int layers() const { return static_cast<int>(network.layers.size()); }
};

Compiled compile(const graph::Network& network, const LayerSet& set);

}  // namespace nn
