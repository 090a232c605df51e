// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/network.hpp"

#include <algorithm>
#include <array>

namespace nn::graph {
namespace {

constexpr std::array kKindNames = {"data", "conv", "fc",   "maxpool", "avgpool", "lrn",
                                   "bn",   "relu", "drop", "softmax", "concat",  "add",
                                   "fork", "rnn",  "lstm", "last"};

const Layer& at(const Network& network, int layer) {
  return network.layers[static_cast<size_t>(layer)];
}

}  // namespace

const char* kind_name(LayerKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

int Network::branch(int layer, int slot) const {
  const auto& inputs = layers[static_cast<size_t>(layer)].inputs;
  const int input = inputs[static_cast<size_t>(slot)];
  // A layer that reads the same Fork twice: its first slot has the first of its places there.
  const auto before = std::count(inputs.begin(), inputs.begin() + slot, input);
  const auto& readers = consumers[static_cast<size_t>(input)];
  int64_t seen = 0;
  for (size_t i = 0; i < readers.size(); ++i)
    if (readers[i] == layer && seen++ == before) return static_cast<int>(i);
  return 0;
}

void Network::connect() {
  consumers.assign(layers.size(), {});
  needs_gradient_.assign(layers.size(), false);
  for (int i = 0; i < size(); ++i) {
    bool needs = parameter_elems(*this, i) > 0;
    for (const int input : at(*this, i).inputs) {
      consumers[static_cast<size_t>(input)].push_back(i);
      needs = needs || needs_gradient_[static_cast<size_t>(input)];
    }
    needs_gradient_[static_cast<size_t>(i)] = needs;
  }
}

int64_t gates(LayerKind kind) {
  return kind == LayerKind::Lstm ? 4 : kind == LayerKind::Rnn ? 1 : 0;
}

int64_t parameter_elems(const Network& network, int layer) {
  const Layer& l = at(network, layer);
  switch (l.kind) {
    case LayerKind::Conv: {
      const int64_t in = at(network, l.inputs[0]).out.c;
      return l.out.c * (in * l.kernel_h * l.kernel_w + (l.bias ? 1 : 0));
    }
    case LayerKind::Fc: {
      const Shape& in = at(network, l.inputs[0]).out;
      return l.out.c * (in.elems() / in.n + (l.bias ? 1 : 0));
    }
    case LayerKind::BatchNorm:
      return 2 * l.out.c;
    case LayerKind::Rnn:
    case LayerKind::Lstm:
      return gates(l.kind) * l.out.w * (at(network, l.inputs[0]).out.w + l.out.w + 2);
    default:
      return 0;
  }
}

int64_t parameter_elems(const Network& network) {
  int64_t sum = 0;
  for (int i = 0; i < network.size(); ++i) sum += parameter_elems(network, i);
  return sum;
}

double operations(const Network& network, int layer) {
  const Layer& l = at(network, layer);
  const auto out = static_cast<double>(l.out.elems());
  switch (l.kind) {
    case LayerKind::Conv:
      return 2 * out *
             static_cast<double>(at(network, l.inputs[0]).out.c * l.kernel_h * l.kernel_w);
    case LayerKind::Fc: {
      const Shape& in = at(network, l.inputs[0]).out;
      const int64_t features = in.elems() / in.n;
      return 2 * out * static_cast<double>(features);
    }
    case LayerKind::Rnn:
    case LayerKind::Lstm: {
      const int64_t features = at(network, l.inputs[0]).out.w;
      return 2 * out * static_cast<double>(gates(l.kind) * (features + l.out.w));
    }
    case LayerKind::MaxPool:
    case LayerKind::AvgPool:
      return out * static_cast<double>(l.kernel_h * l.kernel_w);
    case LayerKind::Lrn:
      return out * static_cast<double>(2 * l.local_size + 3);
    case LayerKind::BatchNorm:
    case LayerKind::SoftmaxLoss:
      return 5 * out;
    case LayerKind::Data:
      return 0;
    default:
      return out;
  }
}

}  // namespace nn::graph
