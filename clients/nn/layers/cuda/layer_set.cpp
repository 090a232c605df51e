// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/layer_set.hpp"

#include <fmt/format.h>

#include <utility>

#include "clients/nn/error.hpp"
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

using graph::LayerKind;

std::unique_ptr<Kernel> make_kind(const graph::Network& network, int layer, CudaDevice& device,
                                  const std::string& convolution) {
  switch (layer_of(network, layer).kind) {
    case LayerKind::Data:
      return make_data(network, layer);
    case LayerKind::Conv:
      return make_convolution(network, layer, device, convolution);
    case LayerKind::Fc:
      return make_fc(network, layer, device);
    case LayerKind::MaxPool:
    case LayerKind::AvgPool:
      return make_pooling(network, layer, device);
    case LayerKind::Lrn:
      return make_lrn(network, layer, device);
    case LayerKind::BatchNorm:
      return make_batch_norm(network, layer, device);
    case LayerKind::Relu:
      return make_relu(network, layer, device);
    case LayerKind::Dropout:
      return make_dropout(network, layer, device);
    case LayerKind::SoftmaxLoss:
      return make_softmax_loss(network, layer, device);
    case LayerKind::Concat:
      return make_concat(network, layer, device);
    case LayerKind::Add:
      return make_add(network, layer, device);
    case LayerKind::Fork:
      return make_fork(network, layer, device);
    case LayerKind::Rnn:
      return make_rnn(network, layer, device);
    case LayerKind::Lstm:
      return make_lstm(network, layer, device);
    case LayerKind::LastStep:
      return make_last_step(network, layer, device);
  }
  throw Error("a layer of no known kind");
}

template <class Work>
auto in_layer(const std::string& name, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(fmt::format("layer {}: {}", name, error.what()));
  }
}

class Named : public Kernel {
 public:
  Named(std::string name, std::unique_ptr<Kernel> kernel)
      : name_(std::move(name)), kernel_(std::move(kernel)) {}
  graph::LayerCosts costs() const override { return kernel_->costs(); }
  void forward(const Buffers& buffers, const Iteration& iteration, int algorithm) override {
    in_layer(name_, [&] { kernel_->forward(buffers, iteration, algorithm); });
  }
  void backward(const Buffers& buffers, const Iteration& iteration, int algorithm) override {
    in_layer(name_, [&] { kernel_->backward(buffers, iteration, algorithm); });
  }

 private:
  std::string name_;
  std::unique_ptr<Kernel> kernel_;
};

int number_of(const CudaOptions& options) {
  int count = 0;
  if (!options.wraps || cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    (void)cudaGetLastError();  // the device says what is wrong
    return options.wraps ? 0 : options.device;
  }
  return options.device % count;
}

}  // namespace

CudaLayers::CudaLayers(const CudaOptions& options)
    : device_(std::make_shared<CudaDevice>(number_of(options))),
      convolution_(options.convolution) {}

std::unique_ptr<Kernel> CudaLayers::make(const graph::Network& network, int layer) const {
  const std::string& name = layer_of(network, layer).name;
  return in_layer(name, [&]() -> std::unique_ptr<Kernel> {
    return std::make_unique<Named>(name, make_kind(network, layer, *device_, convolution_));
  });
}

}  // namespace nn::cuda
