// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"
#include "clients/nn/layers/cpu/recurrence.hpp"

namespace nn::cpu {
namespace {

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// Hochreiter, Schmidhuber 1997; Gers, Schmidhuber, Cummins 2000. With i, f, g, o from the four products,
// c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g), h_t = sigmoid(o) tanh(c_t). Saved: the four after their functions, and the cells.
class Lstm : public Kernel {
 public:
  Lstm(const graph::Network& network, int index)
      : layer_(layer_of(network, index)), all_(network, index), hidden_(all_.hidden()) {}

  graph::LayerCosts costs() const override {
    constexpr int64_t kFloat = sizeof(float);
    const int64_t out = layer_.out.elems(), step = all_.samples() * hidden_;
    return costs_of(layer_, {.reads_input = true,
                             .reads_output = true,
                             .saved_bytes = (4 * out + out) * kFloat,
                             .backward_bytes = (4 * out + 2 * step) * kFloat});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    auto* out = static_cast<float*>(buffers.output);
    auto* gates = static_cast<float*>(buffers.saved);
    float* cells = gates + 4 * layer_.out.elems();
    all_.from_inputs(buffers, gates);
    for (int64_t step = 0; step < all_.steps(); ++step) {
      all_.from_before(buffers, step, gates);
      all_.each(step, [&](int64_t place, int64_t gate, int64_t) {
        float* g = gates + gate;
        const float input = g[0] = sigmoid(g[0]);
        const float forget = g[hidden_] = sigmoid(g[hidden_]);
        const float cell = g[2 * hidden_] = std::tanh(g[2 * hidden_]);
        const float output = g[3 * hidden_] = sigmoid(g[3 * hidden_]);
        cells[place] = input * cell + (step > 0 ? forget * cells[place - hidden_] : 0);
        out[place] = output * std::tanh(cells[place]);
      });
    }
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* gates = static_cast<const float*>(buffers.saved);
    const float* cells = gates + 4 * layer_.out.elems();
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    auto* dpre = static_cast<float*>(buffers.workspace);
    float* dh = dpre + 4 * layer_.out.elems();  // from the step behind, as dc
    float* dc = dh + all_.samples() * hidden_;
    for (int64_t step = all_.steps() - 1; step >= 0; --step) {
      const bool last = step + 1 == all_.steps();
      all_.each(step, [&](int64_t place, int64_t gate, int64_t i) {
        const float* g = gates + gate;
        float* d = dpre + gate;
        const float input = g[0], forget = g[hidden_], cell = g[2 * hidden_],
                    output = g[3 * hidden_];
        const float bent = std::tanh(cells[place]);
        const float whole = gradient[place] + (last ? 0 : dh[i]);
        const float of_cell = whole * output * (1 - bent * bent) + (last ? 0 : dc[i]);
        const float before = step > 0 ? cells[place - hidden_] : 0;
        d[0] = of_cell * cell * input * (1 - input);
        d[hidden_] = of_cell * before * forget * (1 - forget);
        d[2 * hidden_] = of_cell * input * (1 - cell * cell);
        d[3 * hidden_] = whole * bent * output * (1 - output);
        dc[i] = of_cell * forget;
      });
      if (step > 0) all_.to_before(buffers, step, dpre, dh);
    }
    all_.gradients(buffers, dpre);
  }

 private:
  graph::Layer layer_;
  Recurrence all_;
  int64_t hidden_;
};

}  // namespace

std::unique_ptr<Kernel> make_lstm(const graph::Network& network, int layer) {
  return std::make_unique<Lstm>(network, layer);
}

}  // namespace nn::cpu
