// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

class Fc : public Kernel {
 public:
  Fc(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        depth_(input_of(network, index).out.elems() / layer_.out.n),
        out_(tensor(layer_.out)),
        bias_(vector(layer_.out.c)) {}

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_input = true}); }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    device_.multiply(false, true, layer_.out.n, layer_.out.c, depth_,
                     static_cast<const float*>(buffers.inputs[0]), depth_,
                     static_cast<const float*>(buffers.parameters[0]), depth_, 0,
                     static_cast<float*>(buffers.output), layer_.out.c);
    if (layer_.bias)
      check(cudnnAddTensor(device_.dnn(), &kOne, bias_.get(), buffers.parameters[1], &kOne,
                           out_.get(), buffers.output),
            "cudnnAddTensor");
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    const int64_t n = layer_.out.n, c = layer_.out.c;
    device_.multiply(true, false, c, depth_, n, gradient, c,
                     static_cast<const float*>(buffers.inputs[0]), depth_, 0,
                     static_cast<float*>(buffers.parameter_gradients[0]), depth_);
    if (layer_.bias)
      check(cudnnConvolutionBackwardBias(device_.dnn(), &kOne, out_.get(), gradient, &kZero,
                                         bias_.get(), buffers.parameter_gradients[1]),
            "cudnnConvolutionBackwardBias");
    if (buffers.input_gradients[0] == nullptr) return;
    device_.multiply(false, false, n, depth_, c, gradient, c,
                     static_cast<const float*>(buffers.parameters[0]), depth_, 0,
                     static_cast<float*>(buffers.input_gradients[0]), depth_);
  }

 private:
  graph::Layer layer_;
  CudaDevice& device_;
  int64_t depth_;
  Tensor out_, bias_;
};

}  // namespace

std::unique_ptr<Kernel> make_fc(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Fc>(network, layer, device);
}

}  // namespace nn::cuda
