// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <blasx/cblas.h>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

class Fc : public Kernel {
 public:
  Fc(const graph::Network& network, int layer) : layer_(layer_of(network, layer)) {
    const graph::Shape& in = input_of(network, layer).out;
    depth_ = in.c * in.h * in.w;
  }

  graph::LayerCosts costs() const override { return costs_of(layer_, {.reads_input = true}); }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    auto* out = static_cast<float*>(buffers.output);
    const int64_t n = layer_.out.n;
    const int64_t c = layer_.out.c;
    if (layer_.bias)
      for (int64_t image = 0; image < n; ++image)
        std::copy_n(static_cast<const float*>(buffers.parameters[1]), c, out + image * c);
    cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasTrans, n, c, depth_, 1,
                   static_cast<const float*>(buffers.inputs[0]), depth_,
                   static_cast<const float*>(buffers.parameters[0]), depth_, layer_.bias ? 1 : 0,
                   out, c);
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    const int64_t n = layer_.out.n;
    const int64_t c = layer_.out.c;
    cblas_sgemm_64(CblasRowMajor, CblasTrans, CblasNoTrans, c, depth_, n, 1, gradient, c,
                   static_cast<const float*>(buffers.inputs[0]), depth_, 0,
                   static_cast<float*>(buffers.parameter_gradients[0]), depth_);
    if (layer_.bias) {
      auto* bias_gradient = static_cast<float*>(buffers.parameter_gradients[1]);
      std::copy_n(gradient, c, bias_gradient);
      for (int64_t image = 1; image < n; ++image)
        for (int64_t j = 0; j < c; ++j) bias_gradient[j] += gradient[image * c + j];
    }
    if (buffers.input_gradients[0] == nullptr) return;
    cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, depth_, c, 1, gradient, c,
                   static_cast<const float*>(buffers.parameters[0]), depth_, 0,
                   static_cast<float*>(buffers.input_gradients[0]), depth_);
  }

 private:
  graph::Layer layer_;
  int64_t depth_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> make_fc(const graph::Network& network, int layer) {
  return std::make_unique<Fc>(network, layer);
}

}  // namespace nn::cpu
