// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/batch_norm.hpp"
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

const auto kFlags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;

class BatchNorm : public Normalisation {
 public:
  BatchNorm(const graph::Network& network, int index) : Normalisation(network, index) {
    const auto training =
        describe::batch_norm(dnnl::prop_kind::forward_training, data_, layer_.eps, kFlags);
    training_ = dnnl::batch_normalization_forward(training);
    inference_ = dnnl::batch_normalization_forward(
        describe::batch_norm(dnnl::prop_kind::forward_inference, data_, layer_.eps,
                             kFlags | dnnl::normalization_flags::use_global_stats));
    backward_ = dnnl::batch_normalization_backward(
        describe::batch_norm_backward(training, data_, layer_.eps, kFlags));
  }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    const bool training = iteration.training;
    normalise(training ? training_ : inference_, buffers, training);
    if (training && iteration.update_statistics) update(buffers);
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    differentiate(backward_, buffers);
  }

 private:
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

  dnnl::batch_normalization_forward training_, inference_;
  dnnl::batch_normalization_backward backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_batch_norm(const graph::Network& network, int layer) {
  return std::make_unique<BatchNorm>(network, layer);
}

}  // namespace nn::cpu
