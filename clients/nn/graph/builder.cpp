// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "clients/nn/error.hpp"

namespace nn::graph {
namespace {

std::string text_of(const Shape& shape) {
  return fmt::format("{}x{}x{}x{}", shape.n, shape.c, shape.h, shape.w);
}

std::vector<std::vector<int>> readers_of(const std::vector<Layer>& layers) {
  std::vector<std::vector<int>> readers(layers.size());
  for (size_t i = 0; i < layers.size(); ++i)
    for (const int input : layers[i].inputs)
      readers[static_cast<size_t>(input)].push_back(static_cast<int>(i));
  return readers;
}

std::vector<Layer> with_forks(std::vector<Layer> layers) {
  const auto readers = readers_of(layers);
  const size_t before = layers.size();
  for (size_t i = 0; i < before; ++i) {
    if (readers[i].size() < 2) continue;
    Layer fork;
    fork.kind = LayerKind::Fork;
    fork.name = layers[i].name + "_fork";
    fork.inputs = {static_cast<int>(i)};
    fork.out = layers[i].out;
    for (const int reader : readers[i])
      for (int& input : layers[static_cast<size_t>(reader)].inputs)
        if (input == static_cast<int>(i)) input = static_cast<int>(layers.size());
    layers.push_back(std::move(fork));
  }
  return layers;
}

std::vector<int> route_of(const std::vector<Layer>& layers) {
  const auto readers = readers_of(layers);
  std::vector<size_t> ready(layers.size(), 0);
  std::vector<int> route, open{0};
  while (!open.empty()) {
    const auto i = static_cast<size_t>(open.back());
    open.pop_back();
    if (++ready[i] < layers[i].inputs.size()) continue;
    route.push_back(static_cast<int>(i));
    open.insert(open.end(), readers[i].rbegin(), readers[i].rend());
  }
  return route;
}

}  // namespace

Window square(int64_t kernel, int64_t stride, int64_t pad) {
  return {kernel, kernel, stride, pad, pad};
}

Builder::Builder(std::string name, Shape input) : name_(std::move(name)) {
  Layer data;
  data.name = "data";
  data.out = input;
  if (input.n < 1 || input.c < 1 || input.h < 1 || input.w < 1)
    refuse(data, text_of(input) + " is no batch of images");
  layers_.push_back(std::move(data));
}

void Builder::refuse(const Layer& layer, const std::string& why) const {
  throw Error(fmt::format("{}: layer {}: {}", name_, layer.name, why));
}

int Builder::append(Layer layer) {
  layer.name = fmt::format("{}{}", kind_name(layer.kind), ++made_[layer.kind]);
  if (layer.out.h < 1 || layer.out.w < 1 || layer.out.c < 1)
    refuse(layer, fmt::format("nothing is left of its input {}; larger images are needed",
                              text_of(shape(layer.inputs[0]))));
  layers_.push_back(std::move(layer));
  return static_cast<int>(layers_.size()) - 1;
}

int Builder::append_same(LayerKind kind, int input) {
  Layer layer;
  layer.kind = kind;
  layer.inputs = {input};
  layer.out = shape(input);
  return append(std::move(layer));
}

int Builder::append_window(LayerKind kind, int input, int64_t channels, const Window& window,
                           bool bias) {
  Layer layer;
  layer.kind = kind;
  layer.inputs = {input};
  layer.kernel_h = window.kernel_h;
  layer.kernel_w = window.kernel_w;
  layer.stride = window.stride;
  layer.pad_h = window.pad_h;
  layer.pad_w = window.pad_w;
  layer.bias = bias;
  const Shape& in = shape(input);
  const int64_t room_h = in.h + 2 * window.pad_h - window.kernel_h;
  const int64_t room_w = in.w + 2 * window.pad_w - window.kernel_w;
  layer.out = {in.n, channels, room_h < 0 ? 0 : room_h / window.stride + 1,
               room_w < 0 ? 0 : room_w / window.stride + 1};
  return append(std::move(layer));
}

int Builder::conv(int input, int64_t channels, const Window& window, bool bias) {
  return append_window(LayerKind::Conv, input, channels, window, bias);
}

int Builder::fc(int input, int64_t channels, bool bias) {
  Layer layer;
  layer.kind = LayerKind::Fc;
  layer.inputs = {input};
  layer.bias = bias;
  layer.out = {shape(input).n, channels, 1, 1};
  return append(std::move(layer));
}

int Builder::max_pool(int input, const Window& window) {
  return append_window(LayerKind::MaxPool, input, shape(input).c, window, false);
}

int Builder::avg_pool(int input, const Window& window) {
  return append_window(LayerKind::AvgPool, input, shape(input).c, window, false);
}

int Builder::global_avg_pool(int input) {
  return avg_pool(input, {shape(input).h, shape(input).w});
}

int Builder::lrn(int input) {
  const int handle = append_same(LayerKind::Lrn, input);
  Layer& layer = layers_.back();
  layer.local_size = 5;
  layer.alpha = 1e-4F;
  layer.beta = 0.75F;
  layer.k = 2;
  return handle;
}

int Builder::batch_norm(int input) {
  const int handle = append_same(LayerKind::BatchNorm, input);
  layers_.back().eps = 1e-5F;
  layers_.back().momentum = 0.1F;
  return handle;
}

int Builder::relu(int input) { return append_same(LayerKind::Relu, input); }

int Builder::dropout(int input, float ratio) {
  const int handle = append_same(LayerKind::Dropout, input);
  layers_.back().ratio = ratio;
  return handle;
}

int Builder::concat(const std::vector<int>& inputs) {
  Layer layer;
  layer.kind = LayerKind::Concat;
  layer.inputs = inputs;
  layer.out = shape(inputs.at(0));
  layer.out.c = 0;
  for (const int input : inputs) {
    const Shape& in = shape(input);
    if (in.h != layer.out.h || in.w != layer.out.w)
      refuse(layer, fmt::format("concat of {} and {}", text_of(shape(inputs[0])), text_of(in)));
    layer.out.c += in.c;
  }
  return append(std::move(layer));
}

int Builder::add(const std::vector<int>& inputs) {
  Layer layer;
  layer.kind = LayerKind::Add;
  layer.inputs = inputs;
  layer.out = shape(inputs.at(0));
  for (const int input : inputs)
    if (shape(input) != layer.out)
      refuse(layer, fmt::format("sum of {} and {}", text_of(layer.out), text_of(shape(input))));
  return append(std::move(layer));
}

int Builder::append_sequence(LayerKind kind, int input, int64_t steps, int64_t features) {
  Layer layer;
  layer.kind = kind;
  layer.inputs = {input};
  layer.out = {shape(input).n, 1, steps, features};
  layer.bias = gates(kind) > 0;
  layer.name = kind_name(kind);
  if (shape(input).c != 1)
    refuse(layer, text_of(shape(input)) + " is no batch of sequences: these have one channel");
  return append(std::move(layer));
}

int Builder::rnn(int input, int64_t hidden) {
  return append_sequence(LayerKind::Rnn, input, shape(input).h, hidden);
}

int Builder::lstm(int input, int64_t hidden) {
  return append_sequence(LayerKind::Lstm, input, shape(input).h, hidden);
}

int Builder::last_step(int input) {
  return append_sequence(LayerKind::LastStep, input, 1, shape(input).w);
}

int Builder::softmax_loss(int input) { return append_same(LayerKind::SoftmaxLoss, input); }

Network Builder::build() const {
  const std::vector<Layer> layers = with_forks(layers_);
  const std::vector<int> route = route_of(layers);
  std::vector<int> place(layers.size(), -1);
  for (size_t i = 0; i < route.size(); ++i)
    place[static_cast<size_t>(route[i])] = static_cast<int>(i);
  Network network;
  network.name = name_;
  for (const int i : route) {
    Layer layer = layers[static_cast<size_t>(i)];
    for (int& input : layer.inputs) input = place[static_cast<size_t>(input)];
    network.layers.push_back(std::move(layer));
  }
  network.connect();
  return network;
}

}  // namespace nn::graph
