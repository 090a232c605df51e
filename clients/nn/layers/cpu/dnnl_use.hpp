// SPDX-License-Identifier: Apache-2.0
// oneDNN's engine and stream, and its primitives on buffers of ours. No state but one stream a thread.
#pragma once

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "clients/nn/graph/network.hpp"
#include "clients/nn/layers/kernel.hpp"

namespace nn::cpu {

using Arguments = std::unordered_map<int, dnnl::memory>;

const dnnl::engine& engine();
dnnl::memory view(const dnnl::memory::desc& desc, const void* data);
// Returns when it is done.
void run(const dnnl::primitive& primitive, const Arguments& arguments);

// A tensor of the network, and a vector, as oneDNN describes them.
dnnl::memory::desc tensor(const graph::Shape& shape);
dnnl::memory::desc vector(int64_t elems);
// Scratch memory is the caller's: it counts as workspace.
dnnl::primitive_attr own_scratch();

const graph::Layer& layer_of(const graph::Network& network, int layer);
const graph::Layer& input_of(const graph::Network& network, int layer, size_t which = 0);

// Zero padding at the end that gives the output its size: pooling may round up.
int64_t end_padding(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding);

// Of a layer that has one way to be computed.
struct Needs {
  bool reads_input = false;
  bool reads_output = false;
  int64_t saved_bytes = 0;
  int64_t forward_bytes = 0;  // workspaces
  int64_t backward_bytes = 0;
};
graph::LayerCosts costs_of(const graph::Layer& layer, const Needs& needs);

}  // namespace nn::cpu
