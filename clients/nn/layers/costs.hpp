// SPDX-License-Identifier: Apache-2.0
// What kernels of all layer sets ask of their layer, and how most say what they need. Pure.
#pragma once

#include <cstdint>

#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"

namespace nn {

const graph::Layer& layer_of(const graph::Network& network, int layer);
const graph::Layer& input_of(const graph::Network& network, int layer, size_t which = 0);

// Of a layer that has one way to be computed.
struct Needs {
  bool reads_input = false;
  bool reads_output = false;
  int64_t saved_bytes = 0;
  int64_t forward_bytes = 0;  // workspaces
  int64_t backward_bytes = 0;
};
graph::LayerCosts costs_of(const graph::Layer& layer, const Needs& needs);

}  // namespace nn
