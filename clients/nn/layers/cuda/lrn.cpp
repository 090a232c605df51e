// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

// Across channels (Krizhevsky, Sutskever, Hinton, 2012).
class Lrn : public Kernel {
 public:
  Lrn(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)), device_(device), data_(tensor(layer_.out)) {
    cudnnLRNDescriptor_t shape = nullptr;
    check(cudnnCreateLRNDescriptor(&shape), "cudnnCreateLRNDescriptor");
    shape_.reset(shape);
    check(cudnnSetLRNDescriptor(shape, static_cast<unsigned>(layer_.local_size),
                                static_cast<double>(layer_.alpha), static_cast<double>(layer_.beta),
                                static_cast<double>(layer_.k)),
          "cudnnSetLRNDescriptor");
  }

  graph::LayerCosts costs() const override {
    return costs_of(layer_, {.reads_input = true, .reads_output = true});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    check(cudnnLRNCrossChannelForward(device_.dnn(), shape_.get(), CUDNN_LRN_CROSS_CHANNEL_DIM1,
                                      &kOne, data_.get(), buffers.inputs[0], &kZero, data_.get(),
                                      buffers.output),
          "cudnnLRNCrossChannelForward");
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] == nullptr) return;
    check(cudnnLRNCrossChannelBackward(device_.dnn(), shape_.get(), CUDNN_LRN_CROSS_CHANNEL_DIM1,
                                       &kOne, data_.get(), buffers.output, data_.get(),
                                       buffers.output_gradients[0], data_.get(), buffers.inputs[0],
                                       &kZero, data_.get(), buffers.input_gradients[0]),
          "cudnnLRNCrossChannelBackward");
  }

 private:
  graph::Layer layer_;
  CudaDevice& device_;
  Tensor data_;
  LrnShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> make_lrn(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Lrn>(network, layer, device);
}

}  // namespace nn::cuda
