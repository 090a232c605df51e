// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cfloat>
#include <cmath>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

// The output is the probabilities; loss and hits go to the iteration.
class SoftmaxLoss : public Kernel {
 public:
  SoftmaxLoss(const graph::Network& network, int index)
      : layer_(layer_of(network, index)),
        classes_(layer_.out.elems() / layer_.out.n),
        data_({layer_.out.n, classes_}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::nc),
        softmax_(dnnl::softmax_forward::primitive_desc(
            {dnnl::prop_kind::forward_training, data_, 1}, engine())) {}

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_output = true}); }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    run(softmax_, {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
                   {DNNL_ARG_DST, view(data_, buffers.output)}});
    if (iteration.labels == nullptr || iteration.loss_sum == nullptr) return;
    for (int64_t image = 0; image < layer_.out.n; ++image) {
      const int32_t label = iteration.labels[image];
      if (label < 0) continue;
      const float* row = static_cast<const float*>(buffers.output) + image * classes_;
      // A probability of 0 is a large loss, not an infinite one; NaN stays NaN.
      *iteration.loss_sum -= std::log(std::max(static_cast<double>(row[label]), double{FLT_MIN}));
      if (std::max_element(row, row + classes_) - row == label) ++*iteration.correct;
    }
  }

  void backward(const Buffers& buffers, const Iteration& iteration, int) override {
    const auto scale = static_cast<float>(iteration.gradient_scale);
    for (int64_t image = 0; image < layer_.out.n; ++image) {
      const int32_t label = iteration.labels[image];
      const float* row = static_cast<const float*>(buffers.output) + image * classes_;
      float* target = static_cast<float*>(buffers.input_gradients[0]) + image * classes_;
      for (int64_t c = 0; c < classes_; ++c)
        target[c] = label < 0 ? 0 : scale * (row[c] - (c == label ? 1.0F : 0.0F));
    }
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
