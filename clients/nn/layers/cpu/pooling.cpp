// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

class Pooling : public Kernel {
 public:
  Pooling(const graph::Network& network, int index) : layer_(layer_of(network, index)) {
    const graph::Shape& in = input_of(network, index).out;
    const auto algorithm = layer_.kind == graph::LayerKind::MaxPool
                               ? dnnl::algorithm::pooling_max
                               : dnnl::algorithm::pooling_avg_exclude_padding;
    const Window window = window_of(layer_, in);
    src_ = tensor(in);
    dst_ = tensor(layer_.out);
    const auto forward = describe::pooling(algorithm, src_, dst_, window);
    forward_ = dnnl::pooling_forward(forward);
    backward_ =
        dnnl::pooling_backward(describe::pooling_backward(forward, algorithm, src_, dst_, window));
    chosen_ =
        forward.workspace_desc();  // which element each window's largest is; empty for averages
  }

  graph::LayerCosts costs() const override {
    return costs_of(layer_, {.saved_bytes = static_cast<int64_t>(chosen_.get_size())});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    run(forward_, {{DNNL_ARG_SRC, view(src_, buffers.inputs[0])},
                   {DNNL_ARG_DST, view(dst_, buffers.output)},
                   {DNNL_ARG_WORKSPACE, view(chosen_, buffers.saved)}});
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] == nullptr) return;
    run(backward_, {{DNNL_ARG_DIFF_SRC, view(src_, buffers.input_gradients[0])},
                    {DNNL_ARG_DIFF_DST, view(dst_, buffers.output_gradients[0])},
                    {DNNL_ARG_WORKSPACE, view(chosen_, buffers.saved)}});
  }

 private:
  graph::Layer layer_;
  dnnl::memory::desc src_, dst_, chosen_;
  dnnl::pooling_forward forward_;
  dnnl::pooling_backward backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_pooling(const graph::Network& network, int layer) {
  return std::make_unique<Pooling>(network, layer);
}

}  // namespace nn::cpu
