// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"
#include "clients/nn/layers/dropout_mask.hpp"

namespace nn::cuda {
namespace {

// Srivastava et al., JMLR 2014. The mask is the processor's, made there anew for each pass and multiplied with here.
class Dropout : public Kernel {
 public:
  Dropout(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        index_(index),
        device_(device),
        data_(tensor(layer_.out)),
        product_(product_of_elements()),
        factors_(static_cast<size_t>(layer_.out.elems())) {}

  graph::LayerCosts costs() const override {
    return costs_of(layer_, {.forward_bytes = bytes(), .backward_bytes = bytes()});
  }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    drop(buffers.inputs[0], buffers.output, buffers.workspace, iteration);
  }
  void backward(const Buffers& buffers, const Iteration& iteration, int) override {
    if (buffers.input_gradients[0] != nullptr)
      drop(buffers.output_gradients[0], buffers.input_gradients[0], buffers.workspace, iteration);
  }

 private:
  int64_t bytes() const { return layer_.out.elems() * static_cast<int64_t>(sizeof(float)); }

  void drop(const void* from, void* to, void* workspace, const Iteration& iteration) {
    if (!iteration.training) return device_.copy(to, from, bytes());
    const DropoutMask mask(iteration, index_, layer_.out.elems() / layer_.out.n, layer_.ratio);
    const float scale = 1 / (1 - layer_.ratio);
    for (size_t i = 0; i < factors_.size(); ++i)
      factors_[i] = mask.keeps(static_cast<int64_t>(i)) ? scale : 0;
    device_.upload(workspace, factors_.data(), bytes());
    check(cudnnOpTensor(device_.dnn(), product_.get(), &kOne, data_.get(), from, &kOne, data_.get(),
                        workspace, &kZero, data_.get(), to),
          "cudnnOpTensor");
  }

  graph::Layer layer_;
  int index_;
  CudaDevice& device_;
  Tensor data_;
  ElementWise product_;
  std::vector<float> factors_;
};

}  // namespace

std::unique_ptr<Kernel> make_dropout(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Dropout>(network, layer, device);
}

}  // namespace nn::cuda
