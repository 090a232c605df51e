// SPDX-License-Identifier: Apache-2.0
// What batch norm over a rank's own images and over those of all ranks have in common: shapes, where statistics are saved, and
// how oneDNN is called. Ioffe, Szegedy: "Batch Normalization", ICML 2015.
#pragma once

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/kernel.hpp"

namespace nn::cpu {

class Normalisation : public Kernel {
 public:
  Normalisation(const graph::Network& network, int index)
      : layer_(layer_of(network, index)),
        data_(tensor(layer_.out)),
        channels_(vector(layer_.out.c)) {}

  graph::LayerCosts costs() const override {
    return costs_of(layer_,
                    {.reads_input = true,
                     .saved_bytes = 2 * layer_.out.c * static_cast<int64_t>(sizeof(float))});
  }

 protected:
  static float* mean(const Buffers& buffers) { return static_cast<float*>(buffers.saved); }
  float* variance(const Buffers& buffers) const { return mean(buffers) + layer_.out.c; }

  // With the saved statistics in training, the running ones otherwise.
  void normalise(const dnnl::primitive& primitive, const Buffers& buffers, bool training) const {
    run(primitive,
        {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
         {DNNL_ARG_DST, view(data_, buffers.output)},
         {DNNL_ARG_SCALE, view(channels_, buffers.parameters[0])},
         {DNNL_ARG_SHIFT, view(channels_, buffers.parameters[1])},
         {DNNL_ARG_MEAN, view(channels_, training ? mean(buffers) : buffers.parameters[2])},
         {DNNL_ARG_VARIANCE,
          view(channels_, training ? variance(buffers) : buffers.parameters[3])}});
  }

  void differentiate(const dnnl::primitive& primitive, const Buffers& buffers) const {
    Arguments arguments{{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
                        {DNNL_ARG_MEAN, view(channels_, mean(buffers))},
                        {DNNL_ARG_VARIANCE, view(channels_, variance(buffers))},
                        {DNNL_ARG_SCALE, view(channels_, buffers.parameters[0])},
                        {DNNL_ARG_DIFF_DST, view(data_, buffers.output_gradients[0])},
                        {DNNL_ARG_DIFF_SRC, view(data_, buffers.input_gradients[0])},
                        {DNNL_ARG_DIFF_SCALE, view(channels_, buffers.parameter_gradients[0])},
                        {DNNL_ARG_DIFF_SHIFT, view(channels_, buffers.parameter_gradients[1])}};
    // No gradient depends on it: oneDNN 3 refuses it, oneDNN 2 insists on it.
    if constexpr (DNNL_VERSION_MAJOR < 3)
      arguments.emplace(DNNL_ARG_SHIFT, view(channels_, buffers.parameters[1]));
    run(primitive, arguments);
  }

  graph::Layer layer_;
  dnnl::memory::desc data_, channels_;
};

}  // namespace nn::cpu
