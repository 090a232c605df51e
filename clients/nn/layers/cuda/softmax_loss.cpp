// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"
#include "clients/nn/layers/losses.hpp"

namespace nn::cuda {
namespace {

// The probabilities are read by the host, which knows the labels: for the loss, and for the gradient, which goes back. These are few
// numbers at the moment when all others have been computed.
class SoftmaxLoss : public Kernel {
 public:
  SoftmaxLoss(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        data_(tensor(layer_.out)),
        probabilities_(static_cast<size_t>(layer_.out.elems())),
        gradient_(probabilities_.size()) {}

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_output = true}); }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    check(cudnnSoftmaxForward(device_.dnn(), CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_MODE_INSTANCE,
                              &kOne, data_.get(), buffers.inputs[0], &kZero, data_.get(),
                              buffers.output),
          "cudnnSoftmaxForward");
    if (iteration.labels == nullptr || iteration.loss_sum == nullptr) return;
    read(buffers);
    add_losses(probabilities_.data(), layer_.out.n, classes(), iteration);
  }

  void backward(const Buffers& buffers, const Iteration& iteration, int) override {
    read(buffers);
    loss_gradient(probabilities_.data(), layer_.out.n, classes(), iteration, gradient_.data());
    device_.upload(buffers.input_gradients[0], gradient_.data(), bytes());
  }

 private:
  int64_t classes() const { return layer_.out.elems() / layer_.out.n; }
  int64_t bytes() const { return layer_.out.elems() * static_cast<int64_t>(sizeof(float)); }
  void read(const Buffers& buffers) {
    device_.download(probabilities_.data(), buffers.output, bytes());
  }

  graph::Layer layer_;
  CudaDevice& device_;
  Tensor data_;
  std::vector<float> probabilities_, gradient_;
};

}  // namespace

std::unique_ptr<Kernel> make_softmax_loss(const graph::Network& network, int layer,
                                          CudaDevice& device) {
  return std::make_unique<SoftmaxLoss>(network, layer, device);
}

}  // namespace nn::cuda
