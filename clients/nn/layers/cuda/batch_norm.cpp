// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

// Saved: the batch's means, and what its deviations are divided by, inverted.
class BatchNorm : public Kernel {
 public:
  BatchNorm(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        data_(tensor(layer_.out)),
        channels_(vector(layer_.out.c)),
        epsilon_(static_cast<double>(layer_.eps)) {}

  graph::LayerCosts costs() const override {
    return costs_of(layer_,
                    {.reads_input = true,
                     .saved_bytes = 2 * layer_.out.c * static_cast<int64_t>(sizeof(float))});
  }

  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    const auto& all = buffers.parameters;  // scale, shift, mean, variance
    if (!iteration.training) {
      check(cudnnBatchNormalizationForwardInference(device_.dnn(), CUDNN_BATCHNORM_SPATIAL, &kOne,
                                                    &kZero, data_.get(), buffers.inputs[0],
                                                    data_.get(), buffers.output, channels_.get(),
                                                    all[0], all[1], all[2], all[3], epsilon_),
            "cudnnBatchNormalizationForwardInference");
      return;
    }
    const bool update = iteration.update_statistics;
    check(cudnnBatchNormalizationForwardTraining(
              device_.dnn(), CUDNN_BATCHNORM_SPATIAL, &kOne, &kZero, data_.get(), buffers.inputs[0],
              data_.get(), buffers.output, channels_.get(), all[0], all[1],
              static_cast<double>(layer_.momentum), update ? all[2] : nullptr,
              update ? all[3] : nullptr, epsilon_, mean(buffers), inverse_deviation(buffers)),
          "cudnnBatchNormalizationForwardTraining");
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    check(cudnnBatchNormalizationBackward(
              device_.dnn(), CUDNN_BATCHNORM_SPATIAL, &kOne, &kZero, &kOne, &kZero, data_.get(),
              buffers.inputs[0], data_.get(), buffers.output_gradients[0], data_.get(),
              buffers.input_gradients[0], channels_.get(), buffers.parameters[0],
              buffers.parameter_gradients[0], buffers.parameter_gradients[1], epsilon_,
              mean(buffers), inverse_deviation(buffers)),
          "cudnnBatchNormalizationBackward");
  }

 private:
  static float* mean(const Buffers& buffers) { return static_cast<float*>(buffers.saved); }
  float* inverse_deviation(const Buffers& buffers) const { return mean(buffers) + layer_.out.c; }

  graph::Layer layer_;
  CudaDevice& device_;
  Tensor data_, channels_;
  double epsilon_;
};

}  // namespace

std::unique_ptr<Kernel> make_batch_norm(const graph::Network& network, int layer,
                                        CudaDevice& device) {
  return std::make_unique<BatchNorm>(network, layer, device);
}

}  // namespace nn::cuda
