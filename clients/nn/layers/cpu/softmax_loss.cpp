// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"
#include "clients/nn/layers/losses.hpp"

namespace nn::cpu {
namespace {

// The output is the probabilities; loss and hits go to the iteration.
class SoftmaxLoss : public Kernel {
 public:
  SoftmaxLoss(const graph::Network& network, int index)
      : layer_(layer_of(network, index)),
        classes_(layer_.out.elems() / layer_.out.n),
        data_({layer_.out.n, classes_}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::nc),
        softmax_(describe::softmax(data_, 1)) {}

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_output = true}); }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    run(softmax_, {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
                   {DNNL_ARG_DST, view(data_, buffers.output)}});
    add_losses(static_cast<const float*>(buffers.output), layer_.out.n, classes_, iteration);
  }

  void backward(const Buffers& buffers, const Iteration& iteration, int) override {
    loss_gradient(static_cast<const float*>(buffers.output), layer_.out.n, classes_, iteration,
                  static_cast<float*>(buffers.input_gradients[0]));
  }

 private:
  graph::Layer layer_;
  int64_t classes_;
  dnnl::memory::desc data_;
  dnnl::softmax_forward softmax_;
};

}  // namespace

std::unique_ptr<Kernel> make_softmax_loss(const graph::Network& network, int layer) {
  return std::make_unique<SoftmaxLoss>(network, layer);
}

}  // namespace nn::cpu
