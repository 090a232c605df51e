// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"
#include "clients/nn/layers/cuda/recurrence.hpp"

namespace nn::cuda {
namespace {

// Elman 1990: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh).
class Rnn : public Kernel {
 public:
  Rnn(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        all_(network, index, device),
        step_(matrix(all_.samples(), all_.hidden(), all_.pitch(all_.hidden()))),
        tanh_(activation(CUDNN_ACTIVATION_TANH)) {}

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
      float* rows = out + Recurrence::row(step, all_.hidden());
      check(cudnnActivationForward(device_.dnn(), tanh_.get(), &kOne, step_.get(), rows, &kZero,
                                   step_.get(), rows),
            "cudnnActivationForward");
    }
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* out = static_cast<const float*>(buffers.output);
    auto* dpre = static_cast<float*>(buffers.workspace);
    float* dh = dpre + layer_.out.elems();  // from the step behind
    for (int64_t step = all_.steps() - 1; step >= 0; --step) {
      const int64_t row = Recurrence::row(step, all_.hidden());
      all_.whole_gradient(buffers, step, dh, dpre + row, all_.pitch(all_.hidden()));
      check(cudnnActivationBackward(device_.dnn(), tanh_.get(), &kOne, step_.get(), out + row,
                                    step_.get(), dpre + row, step_.get(), out + row, &kZero,
                                    step_.get(), dpre + row),
            "cudnnActivationBackward");
      if (step > 0) all_.to_before(buffers, step, dpre, dh);
    }
    all_.gradients(buffers, dpre);
  }

 private:
  graph::Layer layer_;
  CudaDevice& device_;
  Recurrence all_;
  Tensor step_;
  Activation tanh_;
};

}  // namespace

std::unique_ptr<Kernel> make_rnn(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Rnn>(network, layer, device);
}

}  // namespace nn::cuda
