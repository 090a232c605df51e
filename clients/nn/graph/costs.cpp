// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/costs.hpp"

#include <algorithm>

namespace nn::graph {
namespace {

constexpr double kOperationsEachNs = 4000;
constexpr double kBytesEachNs = 250;

int64_t duration(double work, double rate) {
  return std::max<int64_t>(1, static_cast<int64_t>(work / rate));
}

// `passes`: 1 forward, 2 backward (by the input and by the weights).
std::vector<Algorithm> convolution(const Network& network, int index, int64_t element_bytes,
                                   int passes) {
  const Layer& layer = network.layers[static_cast<size_t>(index)];
  const Shape& in = network.layers[static_cast<size_t>(layer.inputs[0])].out;
  const Shape& out = layer.out;
  const double work = operations(network, index) * passes;
  const int64_t columns = in.c * layer.kernel_h * layer.kernel_w * out.h * out.w * element_bytes;
  // Rates as shares of the peak: what in-place kernels, products of one image and large products reach.
  std::vector<Algorithm> all{
      {"direct", 0, duration(work, 0.35 * kOperationsEachNs)},
      {"gemm", columns, duration(work, 0.5 * kOperationsEachNs)},
      {"gemm-all", columns * out.n, duration(work, 0.7 * kOperationsEachNs)}};
  if (layer.kernel_h == 3 && layer.kernel_w == 3 && layer.stride == 1) {
    const int64_t tiles = (out.h + 1) / 2 * ((out.w + 1) / 2) * out.n;
    all.push_back({"winograd", 16 * (tiles * (in.c + out.c) + in.c * out.c) * element_bytes,
                   duration(work / 2.25, 0.5 * kOperationsEachNs)});
  }
  return all;
}

}  // namespace

Costs paper_costs(const Network& network, int64_t element_bytes) {
  Costs costs;
  for (int i = 0; i < network.size(); ++i) {
    const Layer& layer = network.layers[static_cast<size_t>(i)];
    LayerCosts cost;
    cost.output_bytes = layer.out.elems() * element_bytes;
    cost.gradient_bytes = cost.output_bytes;
    const LayerKind kind = layer.kind;
    const bool both =
        kind == LayerKind::Relu || kind == LayerKind::Lrn || kind == LayerKind::MaxPool;
    cost.reads_input = both || parameter_elems(network, i) > 0;
    cost.reads_output = both || kind == LayerKind::SoftmaxLoss || gates(kind) > 0;
    if (kind == LayerKind::Lstm) cost.saved_bytes = 5 * cost.output_bytes;  // gates, cells
    if (kind == LayerKind::Conv) {
      cost.forward = convolution(network, i, element_bytes, 1);
      cost.backward = convolution(network, i, element_bytes, 2);
    } else {
      int64_t moved = cost.output_bytes;
      for (const int input : layer.inputs)
        moved += network.layers[static_cast<size_t>(input)].out.elems() * element_bytes;
      const int64_t time = duration(operations(network, i), kOperationsEachNs) +
                           duration(static_cast<double>(moved), kBytesEachNs);
      cost.forward = {{"only", 0, time}};
      cost.backward = {{"only", 0, 2 * time}};
    }
    costs.layers.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace nn::graph
