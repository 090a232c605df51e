// SPDX-License-Identifier: Apache-2.0
// The 2N steps of an iteration and the tensors each of them names. Step s < N is layer s forward, step s >= N is layer
// 2N-1-s backward. Only these tensors are governed; parameters, their gradients and running statistics always stay.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"

namespace nn::graph {

enum class TensorKind : uint8_t {
  Output,
  Gradient,  // of the loss by the layer's output, as its consumer number `branch` gives it
  Saved,     // what forward leaves for backward
};

struct TensorId {
  TensorKind kind = TensorKind::Output;
  int layer = 0;
  int branch = 0;

  bool operator==(const TensorId&) const = default;
  bool operator<(const TensorId& other) const {
    return std::tie(kind, layer, branch) < std::tie(other.kind, other.layer, other.branch);
  }
};
// "conv1", "d conv1", "d pool1_fork.1", "saved maxpool1".
std::string tensor_name(const Network& network, const TensorId& tensor);
int64_t tensor_bytes(const Costs& costs, const TensorId& tensor);

struct Access {
  std::vector<TensorId> reads, writes;
};
// Tensors of 0 bytes are left out.
Access access(const Network& network, const Costs& costs, int step);

bool is_forward(const Network& network, int step);
int layer_of_step(const Network& network, int step);

}  // namespace nn::graph
