// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

// Backward looks at the output alone, so that the input may be gone.
class Relu : public Kernel {
 public:
  Relu(const graph::Network& network, int index)
      : layer_(layer_of(network, index)), data_(tensor(layer_.out)) {
    constexpr auto kByOutput = dnnl::algorithm::eltwise_relu_use_dst_for_bwd;
    const auto forward = describe::eltwise(kByOutput, data_);
    forward_ = dnnl::eltwise_forward(forward);
    backward_ = dnnl::eltwise_backward(describe::eltwise_backward(forward, kByOutput, data_));
  }

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_output = true}); }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    run(forward_, {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
                   {DNNL_ARG_DST, view(data_, buffers.output)}});
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] == nullptr) return;
    run(backward_, {{DNNL_ARG_DST, view(data_, buffers.output)},
                    {DNNL_ARG_DIFF_DST, view(data_, buffers.output_gradients[0])},
                    {DNNL_ARG_DIFF_SRC, view(data_, buffers.input_gradients[0])}});
  }

 private:
  graph::Layer layer_;
  dnnl::memory::desc data_;
  dnnl::eltwise_forward forward_;
  dnnl::eltwise_backward backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_relu(const graph::Network& network, int layer) {
  return std::make_unique<Relu>(network, layer);
}

}  // namespace nn::cpu
