// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

// Backward looks at the output alone, so that the input may be gone: one is positive where the other is.
class Relu : public Kernel {
 public:
  Relu(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        data_(tensor(layer_.out)),
        relu_(activation(CUDNN_ACTIVATION_RELU)) {}

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_output = true}); }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    check(cudnnActivationForward(device_.dnn(), relu_.get(), &kOne, data_.get(), buffers.inputs[0],
                                 &kZero, data_.get(), buffers.output),
          "cudnnActivationForward");
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] == nullptr) return;
    check(cudnnActivationBackward(device_.dnn(), relu_.get(), &kOne, data_.get(), buffers.output,
                                  data_.get(), buffers.output_gradients[0], data_.get(),
                                  buffers.output, &kZero, data_.get(), buffers.input_gradients[0]),
          "cudnnActivationBackward");
  }

 private:
  graph::Layer layer_;
  CudaDevice& device_;
  Tensor data_;
  Activation relu_;
};

}  // namespace

std::unique_ptr<Kernel> make_relu(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Relu>(network, layer, device);
}

}  // namespace nn::cuda
