// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

// cuDNN finds the largest again in backward, from input and output.
class Pooling : public Kernel {
 public:
  Pooling(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        in_(tensor(input_of(network, index).out)),
        out_(tensor(layer_.out)) {
    cudnnPoolingDescriptor_t shape = nullptr;
    check(cudnnCreatePoolingDescriptor(&shape), "cudnnCreatePoolingDescriptor");
    shape_.reset(shape);
    const auto mode = layer_.kind == graph::LayerKind::MaxPool
                          ? CUDNN_POOLING_MAX_DETERMINISTIC
                          : CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
    const auto stride = static_cast<int>(layer_.stride);
    check(cudnnSetPooling2dDescriptor(
              shape, mode, CUDNN_PROPAGATE_NAN, static_cast<int>(layer_.kernel_h),
              static_cast<int>(layer_.kernel_w), static_cast<int>(layer_.pad_h),
              static_cast<int>(layer_.pad_w), stride, stride),
          "cudnnSetPooling2dDescriptor");
  }

  graph::LayerCosts costs() const override {
    return costs_of(layer_, {.reads_input = true, .reads_output = true});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    check(cudnnPoolingForward(device_.dnn(), shape_.get(), &kOne, in_.get(), buffers.inputs[0],
                              &kZero, out_.get(), buffers.output),
          "cudnnPoolingForward");
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] == nullptr) return;
    check(cudnnPoolingBackward(device_.dnn(), shape_.get(), &kOne, out_.get(), buffers.output,
                               out_.get(), buffers.output_gradients[0], in_.get(),
                               buffers.inputs[0], &kZero, in_.get(), buffers.input_gradients[0]),
          "cudnnPoolingBackward");
  }

 private:
  graph::Layer layer_;
  CudaDevice& device_;
  Tensor in_, out_;
  PoolingShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> make_pooling(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Pooling>(network, layer, device);
}

}  // namespace nn::cuda
