// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"
#include "clients/nn/memory/block.hpp"

namespace nn::cpu {
namespace {

// Local response normalisation across channels (Krizhevsky, Sutskever, Hinton, 2012). oneDNN's backward wants a tensor that its forward
// leaves; it is made again in the workspace, since keeping it from forward to backward costs as much memory as the output.
class Lrn : public Kernel {
 public:
  Lrn(const graph::Network& network, int index)
      : layer_(layer_of(network, index)), data_(tensor(layer_.out)) {
    const auto training = describe::lrn(dnnl::prop_kind::forward_training, data_, layer_);
    forward_ = dnnl::lrn_forward(describe::lrn(dnnl::prop_kind::forward_inference, data_, layer_));
    again_ = dnnl::lrn_forward(training);
    backward_ = dnnl::lrn_backward(describe::lrn_backward(training, data_, layer_));
    left_ = training.workspace_desc();
  }

  graph::LayerCosts costs() const override {
    return costs_of(layer_,
                    {.reads_input = true,
                     .backward_bytes = output_bytes() + static_cast<int64_t>(left_.get_size())});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    run(forward_, {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
                   {DNNL_ARG_DST, view(data_, buffers.output)}});
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] == nullptr) return;
    const auto left = view(left_, static_cast<std::byte*>(buffers.workspace) + output_bytes());
    const auto src = view(data_, buffers.inputs[0]);
    run(again_, {{DNNL_ARG_SRC, src},
                 {DNNL_ARG_DST, view(data_, buffers.workspace)},
                 {DNNL_ARG_WORKSPACE, left}});
    run(backward_, {{DNNL_ARG_SRC, src},
                    {DNNL_ARG_DIFF_SRC, view(data_, buffers.input_gradients[0])},
                    {DNNL_ARG_DIFF_DST, view(data_, buffers.output_gradients[0])},
                    {DNNL_ARG_WORKSPACE, left}});
  }

 private:
  int64_t output_bytes() const {
    return nn::memory::rounded(layer_.out.elems() * static_cast<int64_t>(sizeof(float)));
  }

  graph::Layer layer_;
  dnnl::memory::desc data_, left_;
  dnnl::lrn_forward forward_, again_;
  dnnl::lrn_backward backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_lrn(const graph::Network& network, int layer) {
  return std::make_unique<Lrn>(network, layer);
}

}  // namespace nn::cpu
