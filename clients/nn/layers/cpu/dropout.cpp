// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"
#include "clients/nn/layers/dropout_mask.hpp"

namespace nn::cpu {
namespace {

// Srivastava et al., JMLR 2014. What is dropped is a function of the iteration's seed, the layer and the sample's number in the
// whole batch: no mask is kept, and neither the number of ranks nor a replay changes it.
class Dropout : public Kernel {
 public:
  Dropout(const graph::Network& network, int index)
      : layer_(layer_of(network, index)), index_(index) {}

  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    drop(buffers.inputs[0], buffers.output, iteration);
  }
  void backward(const Buffers& buffers, const Iteration& iteration, int) override {
    if (buffers.input_gradients[0] != nullptr)
      drop(buffers.output_gradients[0], buffers.input_gradients[0], iteration);
  }

 private:
  void drop(const void* from, void* to, const Iteration& iteration) const {
    const auto* in = static_cast<const float*>(from);
    auto* out = static_cast<float*>(to);
    const int64_t elems = layer_.out.elems();
    if (!iteration.training) {
      std::memcpy(out, in, static_cast<size_t>(elems) * sizeof(float));
      return;
    }
    const DropoutMask mask(iteration, index_, elems / layer_.out.n, layer_.ratio);
    const float scale = 1 / (1 - layer_.ratio);
    for (int64_t i = 0; i < elems; ++i) out[i] = mask.keeps(i) ? in[i] * scale : 0;
  }

  graph::Layer layer_;
  int index_;
};

}  // namespace

std::unique_ptr<Kernel> make_dropout(const graph::Network& network, int layer) {
  return std::make_unique<Dropout>(network, layer);
}

}  // namespace nn::cpu
