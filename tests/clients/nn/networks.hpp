// SPDX-License-Identifier: Apache-2.0
// Small networks in which each kind of layer has parameters before and behind it, and batches for them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clients/nn/graph/governor.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/random.hpp"
#include "clients/nn/run/executor.hpp"

namespace nn::test {

// One kind of layer between two convolutions or the like; and the zoo, on small images.
inline std::vector<std::string> layer_kinds() {
  return {"conv", "strided",    "asymmetric", "pointwise", "max_pool", "avg_pool",
          "lrn",  "batch_norm", "relu",       "dropout",   "concat",   "add",
          "fc",   "rnn",        "lstm",       "last_step"};
}
inline std::vector<std::string> zoo() {
  return {"lenet", "mlp", "cifar-quick", "inception-a", "resnet:1,1,1,1", "rnn:9", "lstm:7,6"};
}
// A minute and more in the reference layers.
inline std::vector<std::string> deep_zoo() {
  return {"alexnet", "vgg16", "resnet18", "resnet50", "inception-v4"};
}

inline graph::Network layer_network(const std::string& kind) {
  using graph::square;
  graph::Builder builder(kind, {3, 2, 9, 8});
  int x = builder.conv(0, 4, square(3, 1, 1));
  if (kind == "conv") x = builder.conv(x, 6, square(3, 1, 1), false);
  if (kind == "strided") x = builder.conv(x, 5, square(5, 2, 1));
  if (kind == "asymmetric") x = builder.conv(x, 5, {1, 7, 1, 0, 3});
  if (kind == "pointwise") x = builder.conv(x, 8, square(1));
  if (kind == "max_pool") x = builder.max_pool(x, square(3, 2, 1));
  if (kind == "avg_pool") x = builder.avg_pool(x, square(3, 2, 1));
  if (kind == "lrn") x = builder.lrn(x);
  if (kind == "batch_norm") x = builder.batch_norm(x);
  if (kind == "relu") x = builder.relu(x);
  if (kind == "dropout") x = builder.dropout(x, 0.4F);
  if (kind == "concat" || kind == "add") {
    const int left = builder.conv(x, 4, square(3, 1, 1));
    const int right = builder.relu(builder.conv(x, 4, square(1)));
    x = kind == "concat" ? builder.concat({left, x, right}) : builder.add({left, right, x});
  }
  if (kind == "fc") x = builder.fc(x, 7);
  if (kind == "rnn" || kind == "lstm" || kind == "last_step") {
    x = builder.conv(x, 1, square(3, 1, 1));  // one channel: 9 steps of 8 features
    if (kind == "rnn") x = builder.rnn(builder.rnn(x, 5), 4);
    if (kind == "lstm") x = builder.lstm(builder.lstm(x, 5), 4);
    if (kind == "last_step") x = builder.last_step(x);
  }
  builder.softmax_loss(builder.fc(x, 3));
  return builder.build();
}

inline graph::Network named(const std::string& name) {
  for (const std::string& kind : layer_kinds())
    if (kind == name) return layer_network(name);
  graph::Shape input = graph::usual_input(name, 2);
  // Batch norm over a handful of numbers is no smooth function any more: what shrinks images most gets larger ones.
  const int64_t side = name == "inception-a"    ? 8
                       : name == "inception-v4" ? 139
                       : name == "alexnet"      ? 67
                       : name == "vgg16"        ? 32
                                                : 64;
  input.h = std::min(input.h, side);
  input.w = std::min(input.w, side);
  graph::Network network = graph::make(name, input, 10);
  // Its last maxima are of few numbers after very many layers: where rounding makes another one of two the larger, in any library now
  // and then, all gradients jump. Means do not.
  if (name == "inception-v4")
    for (graph::Layer& layer : network.layers)
      if (layer.kind == graph::LayerKind::MaxPool) layer.kind = graph::LayerKind::AvgPool;
  return network;
}

// A compiled network with its governor and executor, parameters drawn, and one batch.
template <class Real>
struct Trial {
  // `shift`: batch norm's. A large one keeps what follows away from relu's corner.
  Trial(const graph::Network& network, const LayerSet& set, float shift = 0)
      : compiled(compile(network, set)),
        governor(graph::keep_everything(compiled.network, compiled.costs)),
        executor(compiled, *governor) {
    executor.parameters().initialise(5);
    for (const Parameter& parameter : executor.parameters().all()) {
      if (!parameter.spec.name.ends_with(".shift")) continue;
      const std::vector<Real> shifts(static_cast<size_t>(parameter.spec.elems), Real{shift});
      compiled.device->upload(values() + parameter.offset_elems, shifts.data(),
                              parameter.spec.elems * compiled.element_bytes);
    }
    const graph::Shape input = network.input();
    for (int64_t i = 0; i < input.elems(); ++i)
      images.push_back(static_cast<Real>(static_cast<float>(normal(11, static_cast<uint64_t>(i)))));
    for (int64_t i = 0; i < input.n; ++i)
      labels.push_back(static_cast<int32_t>(i % (network.layers.back().out.c)));
    iteration.seed = 77;
    iteration.labels = labels.data();
    iteration.gradient_scale = 1.0 / static_cast<double>(input.n);
  }
  double train() {
    return executor.train(images.data(), iteration).loss_sum * iteration.gradient_scale;
  }
  // In the device's memory.
  Real* values() { return static_cast<Real*>(executor.parameters().value(0)); }
  Real* gradients() { return static_cast<Real*>(executor.parameters().gradient(0)); }

  std::vector<Real> on_host(const Real* from, int64_t elems) {
    std::vector<Real> all(static_cast<size_t>(elems));
    compiled.device->download(all.data(), from, elems * compiled.element_bytes);
    return all;
  }
  std::vector<Real> values_on_host() { return on_host(values(), executor.parameters().elems()); }
  std::vector<Real> gradients_on_host() {
    return on_host(gradients(), executor.parameters().trained_elems());
  }

  Compiled compiled;
  std::unique_ptr<graph::MemoryGovernor> governor;
  Executor executor;
  std::vector<Real> images;
  std::vector<int32_t> labels;
  Iteration iteration;
};

}  // namespace nn::test
