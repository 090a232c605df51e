// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/layer_set.hpp"

#include <fmt/format.h>

#include "clients/nn/error.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

using graph::LayerKind;

std::unique_ptr<Kernel> make_kind(const graph::Network& network, int layer,
                                  const std::string& convolution, const RankSum& norms) {
  switch (layer_of(network, layer).kind) {
    case LayerKind::Data:
      return make_data(network, layer);
    case LayerKind::Conv:
      return make_convolution(network, layer, convolution);
    case LayerKind::Fc:
      return make_fc(network, layer);
    case LayerKind::MaxPool:
    case LayerKind::AvgPool:
      return make_pooling(network, layer);
    case LayerKind::Lrn:
      return make_lrn(network, layer);
    case LayerKind::BatchNorm:
      return norms.sum ? make_synchronised_batch_norm(network, layer, norms)
                       : make_batch_norm(network, layer);
    case LayerKind::Relu:
      return make_relu(network, layer);
    case LayerKind::Dropout:
      return make_dropout(network, layer);
    case LayerKind::SoftmaxLoss:
      return make_softmax_loss(network, layer);
    case LayerKind::Concat:
      return make_concat(network, layer);
    case LayerKind::Add:
      return make_add(network, layer);
    case LayerKind::Fork:
      return make_fork(network, layer);
    case LayerKind::Rnn:
      return make_rnn(network, layer);
    case LayerKind::Lstm:
      return make_lstm(network, layer);
    case LayerKind::LastStep:
      return make_last_step(network, layer);
  }
  throw Error("a layer of no known kind");
}

}  // namespace

std::unique_ptr<Kernel> CpuLayers::make(const graph::Network& network, int layer) const {
  try {
    return make_kind(network, layer, convolution_, norms_);
  } catch (const dnnl::error& error) {
    throw Error(fmt::format("{}: oneDNN refuses the layer {}: {}", network.name,
                            layer_of(network, layer).name, error.what()));
  }
}

}  // namespace nn::cpu
