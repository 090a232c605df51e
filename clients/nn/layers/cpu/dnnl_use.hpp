// SPDX-License-Identifier: Apache-2.0
// oneDNN's engine and stream, and its primitives on buffers of ours. No state but one stream a thread.
#pragma once

#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "clients/nn/layers/costs.hpp"

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

}  // namespace nn::cpu
