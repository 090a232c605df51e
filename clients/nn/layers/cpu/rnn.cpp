// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"
#include "clients/nn/layers/cpu/recurrence.hpp"

namespace nn::cpu {
namespace {

// Elman: "Finding Structure in Time", 1990: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh).
class Rnn : public Kernel {
 public:
  Rnn(const graph::Network& network, int index)
      : layer_(layer_of(network, index)), all_(network, index) {}

  graph::LayerCosts costs() const override {
    const int64_t elems = layer_.out.elems() + all_.samples() * all_.hidden();
    return costs_of(layer_, {.reads_input = true,
                             .reads_output = true,
                             .backward_bytes = elems * static_cast<int64_t>(sizeof(float))});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    auto* out = static_cast<float*>(buffers.output);
    all_.from_inputs(buffers, out);
    for (int64_t step = 0; step < all_.steps(); ++step) {
      all_.from_before(buffers, step, out);
      all_.each(step, [&](int64_t place, int64_t, int64_t) { out[place] = std::tanh(out[place]); });
    }
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* out = static_cast<const float*>(buffers.output);
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    auto* dpre = static_cast<float*>(buffers.workspace);
    float* dh = dpre + layer_.out.elems();  // from the step behind
    for (int64_t step = all_.steps() - 1; step >= 0; --step) {
      const bool last = step + 1 == all_.steps();
      all_.each(step, [&](int64_t place, int64_t, int64_t i) {
        const float whole = gradient[place] + (last ? 0 : dh[i]);
        dpre[place] = whole * (1 - out[place] * out[place]);
      });
      if (step > 0) all_.to_before(buffers, step, dpre, dh);
    }
    all_.gradients(buffers, dpre);
  }

 private:
  graph::Layer layer_;
  Recurrence all_;
};

}  // namespace

std::unique_ptr<Kernel> make_rnn(const graph::Network& network, int layer) {
  return std::make_unique<Rnn>(network, layer);
}

}  // namespace nn::cpu
