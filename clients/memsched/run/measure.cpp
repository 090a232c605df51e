// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/run/measure.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "clients/nn/device/device.hpp"
#include "clients/nn/layers/parameters.hpp"

namespace memsched {
namespace {

using nn::graph::Algorithm;

int64_t nanoseconds(nn::Device& device, const std::function<void()>& work) {
  int64_t least = 0;
  for (int run = 0; run < 2; ++run) {
    device.finish();
    const auto start = std::chrono::steady_clock::now();
    work();
    device.finish();
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
    least = run == 0 ? took.count() : std::min<int64_t>(least, took.count());
  }
  return least;
}

// Room for all that a layer names, filled with zeros: times do not depend on the numbers.
class Bench {
 public:
  Bench(const nn::Compiled& compiled, int layer)
      : device_(*compiled.device), labels_(static_cast<size_t>(compiled.network.input().n), 0) {
    iteration_.labels = labels_.data();
    const auto at = [&](int index) -> const nn::graph::LayerCosts& {
      return compiled.costs.layers[static_cast<size_t>(index)];
    };
    for (const int input : compiled.network.layers[static_cast<size_t>(layer)].inputs) {
      buffers_.inputs.push_back(take(at(input).output_bytes));
      buffers_.input_gradients.push_back(
          compiled.network.needs_gradient(input) ? take(at(input).gradient_bytes) : nullptr);
    }
    buffers_.output = take(at(layer).output_bytes);
    if (at(layer).saved_bytes > 0) buffers_.saved = take(at(layer).saved_bytes);
    const auto branches = compiled.network.consumers[static_cast<size_t>(layer)].size();
    for (size_t branch = 0; branch < branches; ++branch)
      buffers_.output_gradients.push_back(take(at(layer).gradient_bytes));
    for (const auto& spec : nn::parameters_of(compiled.network, layer)) {
      buffers_.parameters.push_back(take(spec.elems * compiled.element_bytes));
      buffers_.parameter_gradients.push_back(take(spec.elems * compiled.element_bytes));
    }
    int64_t workspace = 0;
    for (const auto* ways : {&at(layer).forward, &at(layer).backward})
      for (const Algorithm& way : *ways) workspace = std::max(workspace, way.workspace_bytes);
    if (workspace > 0) buffers_.workspace = take(workspace);
  }

  int64_t forward(nn::Kernel& kernel, int algorithm) {
    return nanoseconds(device_, [&] { kernel.forward(buffers_, iteration_, algorithm); });
  }
  int64_t backward(nn::Kernel& kernel, int algorithm) {
    return nanoseconds(device_, [&] { kernel.backward(buffers_, iteration_, algorithm); });
  }

 private:
  void* take(int64_t bytes) {
    blocks_.push_back(device_.take(bytes));
    return blocks_.back().get();
  }

  nn::Device& device_;
  std::vector<int32_t> labels_;
  nn::Iteration iteration_;
  nn::Buffers buffers_;
  std::vector<nn::Memory> blocks_;
};

}  // namespace

void measure(nn::Compiled& compiled) {
  for (int layer = 1; layer < compiled.layers(); ++layer) {  // behind the data, which takes no time
    auto& costs = compiled.costs.layers[static_cast<size_t>(layer)];
    Bench bench(compiled, layer);
    nn::Kernel& kernel = *compiled.kernels[static_cast<size_t>(layer)];
    for (size_t i = 0; i < costs.forward.size(); ++i)
      costs.forward[i].time_ns = bench.forward(kernel, static_cast<int>(i));
    for (size_t i = 0; i < costs.backward.size(); ++i)
      costs.backward[i].time_ns = bench.backward(kernel, static_cast<int>(i));
  }
}

}  // namespace memsched
