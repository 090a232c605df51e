// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "clients/nn/layers/cpu/batch_norm.hpp"
#include "clients/nn/layers/cpu/dnnl_describe.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

const auto kFlags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift |
                    dnnl::normalization_flags::use_global_stats;

// Batch norm over the batch of all ranks, of which each has the same number of images. oneDNN normalises by statistics that it is
// given; two sums a channel go round in each direction: of the inputs and their squares, and of the two parameters' gradients.
class SynchronisedBatchNorm : public Normalisation {
 public:
  SynchronisedBatchNorm(const graph::Network& network, int index, const RankSum& sum)
      : Normalisation(network, index),
        plane_(layer_.out.h * layer_.out.w),
        count_(static_cast<double>(layer_.out.n * plane_ * sum.ranks)),
        sum_(sum.sum) {
    const auto training =
        describe::batch_norm(dnnl::prop_kind::forward_training, data_, layer_.eps, kFlags);
    normalise_ = dnnl::batch_normalization_forward(training);
    backward_ = dnnl::batch_normalization_backward(
        describe::batch_norm_backward(training, data_, layer_.eps, kFlags));
  }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    const bool training = iteration.training;
    if (training) find_statistics(buffers, iteration.update_statistics);
    normalise(normalise_, buffers, training);
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    differentiate(backward_, buffers);
    subtract_statistics(buffers);
  }

 private:
  // f(channel, first element): all planes of all images.
  template <class F>
  void each_plane(const F& f) const {
    for (int64_t i = 0; i < layer_.out.n * layer_.out.c; ++i) f(i % layer_.out.c, i * plane_);
  }

  void find_statistics(const Buffers& buffers, bool update) {
    const int64_t channels = layer_.out.c;
    const auto* in = static_cast<const float*>(buffers.inputs[0]);
    std::vector<double> sums(static_cast<size_t>(2 * channels), 0);
    double* squares = sums.data() + channels;
    each_plane([&](int64_t c, int64_t first) {
      double one = 0, two = 0;
      for (int64_t i = first; i < first + plane_; ++i) {
        const auto x = static_cast<double>(in[i]);
        one += x;
        two += x * x;
      }
      sums[static_cast<size_t>(c)] += one;
      squares[c] += two;
    });
    sum_(sums.data(), static_cast<int>(2 * channels));
    auto* running_mean = static_cast<float*>(buffers.parameters[2]);
    auto* running_variance = static_cast<float*>(buffers.parameters[3]);
    const double unbiased = count_ > 1 ? count_ / (count_ - 1) : 1;
    for (int64_t c = 0; c < channels; ++c) {
      const double m = sums[static_cast<size_t>(c)] / count_;
      const double v = std::max(0.0, squares[c] / count_ - m * m);
      mean(buffers)[c] = static_cast<float>(m);
      variance(buffers)[c] = static_cast<float>(v);
      if (!update) continue;
      running_mean[c] += layer_.momentum * (static_cast<float>(m) - running_mean[c]);
      running_variance[c] +=
          layer_.momentum * (static_cast<float>(unbiased * v) - running_variance[c]);
    }
  }

  // Mean and variance moved with the inputs, those of all ranks: of the gradient that holds for given ones goes
  // scale / deviation * (mean of dy + x' * mean of dy x'), with x' the normalised input.
  void subtract_statistics(const Buffers& buffers) {
    const int64_t channels = layer_.out.c;
    const auto* of_scale = static_cast<const float*>(buffers.parameter_gradients[0]);
    const auto* of_shift = static_cast<const float*>(buffers.parameter_gradients[1]);
    std::vector<double> sums(of_scale, of_scale + channels);
    sums.insert(sums.end(), of_shift, of_shift + channels);
    sum_(sums.data(), static_cast<int>(2 * channels));
    auto* to = static_cast<float*>(buffers.input_gradients[0]);
    if (to == nullptr) return;
    const auto* in = static_cast<const float*>(buffers.inputs[0]);
    const auto* scale = static_cast<const float*>(buffers.parameters[0]);
    each_plane([&](int64_t c, int64_t first) {
      const double inverse = 1 / std::sqrt(static_cast<double>(variance(buffers)[c] + layer_.eps));
      const double factor = static_cast<double>(scale[c]) * inverse / count_;
      const double slope = factor * inverse * sums[static_cast<size_t>(c)];
      const auto steep = static_cast<float>(slope);
      const auto level = static_cast<float>(factor * sums[static_cast<size_t>(channels + c)]);
      const float middle = mean(buffers)[c];
      for (int64_t i = first; i < first + plane_; ++i) to[i] -= level + steep * (in[i] - middle);
    });
  }

  int64_t plane_;
  double count_;
  std::function<void(double*, int)> sum_;
  dnnl::batch_normalization_forward normalise_;
  dnnl::batch_normalization_backward backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_synchronised_batch_norm(const graph::Network& network, int layer,
                                                     const RankSum& sum) {
  return std::make_unique<SynchronisedBatchNorm>(network, layer, sum);
}

}  // namespace nn::cpu
