// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

const auto kFlags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;

// Ioffe, Szegedy: "Batch Normalization", ICML 2015.
class BatchNorm : public Kernel {
 public:
  BatchNorm(const graph::Network& network, int index)
      : layer_(layer_of(network, index)),
        data_(tensor(layer_.out)),
        channels_(vector(layer_.out.c)) {
    const float epsilon = layer_.eps;
    const dnnl::batch_normalization_forward::primitive_desc training(
        {dnnl::prop_kind::forward_training, data_, epsilon, kFlags}, engine());
    training_ = dnnl::batch_normalization_forward(training);
    inference_ =
        dnnl::batch_normalization_forward(dnnl::batch_normalization_forward::primitive_desc(
            {dnnl::prop_kind::forward_inference, data_, epsilon,
             kFlags | dnnl::normalization_flags::use_global_stats},
            engine()));
    backward_ =
        dnnl::batch_normalization_backward(dnnl::batch_normalization_backward::primitive_desc(
            {dnnl::prop_kind::backward, data_, data_, epsilon, kFlags}, engine(), training));
  }

  graph::LayerCosts costs() const override {
    return costs_of(layer_,
                    {.reads_input = true,
                     .saved_bytes = 2 * layer_.out.c * static_cast<int64_t>(sizeof(float))});
  }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    const bool training = iteration.training;
    run(training ? training_ : inference_,
        {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
         {DNNL_ARG_DST, view(data_, buffers.output)},
         {DNNL_ARG_SCALE, view(channels_, buffers.parameters[0])},
         {DNNL_ARG_SHIFT, view(channels_, buffers.parameters[1])},
         {DNNL_ARG_MEAN, view(channels_, training ? mean(buffers) : buffers.parameters[2])},
         {DNNL_ARG_VARIANCE,
          view(channels_, training ? variance(buffers) : buffers.parameters[3])}});
    if (training && iteration.update_statistics) update(buffers);
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    run(backward_, {{DNNL_ARG_SRC, view(data_, buffers.inputs[0])},
                    {DNNL_ARG_MEAN, view(channels_, mean(buffers))},
                    {DNNL_ARG_VARIANCE, view(channels_, variance(buffers))},
                    {DNNL_ARG_SCALE, view(channels_, buffers.parameters[0])},
                    {DNNL_ARG_SHIFT, view(channels_, buffers.parameters[1])},
                    {DNNL_ARG_DIFF_DST, view(data_, buffers.output_gradients[0])},
                    {DNNL_ARG_DIFF_SRC, view(data_, buffers.input_gradients[0])},
                    {DNNL_ARG_DIFF_SCALE, view(channels_, buffers.parameter_gradients[0])},
                    {DNNL_ARG_DIFF_SHIFT, view(channels_, buffers.parameter_gradients[1])}});
  }

 private:
  static float* mean(const Buffers& buffers) { return static_cast<float*>(buffers.saved); }
  float* variance(const Buffers& buffers) const { return mean(buffers) + layer_.out.c; }

  // Running statistics, the variance without bias.
  void update(const Buffers& buffers) const {
    const auto count = static_cast<float>(layer_.out.n * layer_.out.h * layer_.out.w);
    const float unbiased = count > 1 ? count / (count - 1) : 1;
    const float rate = layer_.momentum;
    auto* running_mean = static_cast<float*>(buffers.parameters[2]);
    auto* running_variance = static_cast<float*>(buffers.parameters[3]);
    for (int64_t c = 0; c < layer_.out.c; ++c) {
      running_mean[c] += rate * (mean(buffers)[c] - running_mean[c]);
      running_variance[c] += rate * (unbiased * variance(buffers)[c] - running_variance[c]);
    }
  }

  graph::Layer layer_;
  dnnl::memory::desc data_, channels_;
  dnnl::batch_normalization_forward training_, inference_;
  dnnl::batch_normalization_backward backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_batch_norm(const graph::Network& network, int layer) {
  return std::make_unique<BatchNorm>(network, layer);
}

}  // namespace nn::cpu
