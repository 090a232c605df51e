// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/zoo.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>
#include <vector>

#include "clients/nn/error.hpp"

namespace nn::graph {
namespace {

constexpr const char* kKnown =
    "lenet, cifar-quick, alexnet, vgg16, vgg19, resnet18, resnet34, resnet50, resnet101, "
    "resnet152, resnet<depth> "
    "(135, 138, ...), resnet:n1,n2,n3,n4, inception-v4, inception-a, mlp, mlp:width,width,..., "
    "rnn, rnn:width,..., lstm, lstm:width,...";

// LeCun et al. 1998, as Caffe has it.
Network lenet(Builder b, int64_t classes) {
  int x = b.max_pool(b.conv(0, 20, square(5)), square(2, 2));
  x = b.max_pool(b.conv(x, 50, square(5)), square(2, 2));
  b.softmax_loss(b.fc(b.relu(b.fc(x, 500)), classes));
  return b.build();
}

// Caffe's; its pools are rounded up, which here is a padding of 1.
Network cifar_quick(Builder b, int64_t classes) {
  const Window pool = square(3, 2, 1);
  int x = b.relu(b.max_pool(b.conv(0, 32, square(5, 1, 2)), pool));
  x = b.avg_pool(b.relu(b.conv(x, 32, square(5, 1, 2))), pool);
  x = b.avg_pool(b.relu(b.conv(x, 64, square(5, 1, 2))), pool);
  b.softmax_loss(b.fc(b.fc(x, 64), classes));
  return b.build();
}

// Krizhevsky et al. 2012, on one device: no groups.
Network alexnet(Builder b, int64_t classes) {
  const Window pool = square(3, 2);
  int x = b.max_pool(b.lrn(b.relu(b.conv(0, 96, square(11, 4)))), pool);
  x = b.max_pool(b.lrn(b.relu(b.conv(x, 256, square(5, 1, 2)))), pool);
  for (const int64_t channels : {384, 384, 256}) x = b.relu(b.conv(x, channels, square(3, 1, 1)));
  x = b.max_pool(x, pool);
  for (int i = 0; i < 2; ++i) x = b.dropout(b.relu(b.fc(x, 4096)), 0.5F);
  b.softmax_loss(b.fc(x, classes));
  return b.build();
}

// Simonyan, Zisserman 2015; `deep`: convolutions in each of the last three stages.
Network vgg(Builder b, int64_t classes, int deep) {
  const std::array<std::pair<int64_t, int>, 5> stages{
      {{64, 2}, {128, 2}, {256, deep}, {512, deep}, {512, deep}}};
  int x = 0;
  for (const auto& [channels, layers] : stages) {
    for (int i = 0; i < layers; ++i) x = b.relu(b.conv(x, channels, square(3, 1, 1)));
    x = b.max_pool(x, square(2, 2));
  }
  for (int i = 0; i < 2; ++i) x = b.dropout(b.relu(b.fc(x, 4096)), 0.5F);
  b.softmax_loss(b.fc(x, classes));
  return b.build();
}

// What stands behind the colon of `name`; `usual` where there is none.
std::vector<int64_t> widths_of(std::string_view name, const char* usual) {
  const size_t colon = name.find(':');
  std::string_view text = colon == std::string_view::npos ? usual : name.substr(colon + 1);
  std::vector<int64_t> widths;
  while (!text.empty()) {
    int64_t width = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), width);
    const auto used = static_cast<size_t>(end - text.data());
    if (wrong != std::errc() || width < 1 || (used < text.size() && *end != ','))
      throw Error(fmt::format("{}: widths of layers with commas are accepted", name));
    text.remove_prefix(std::min(text.size(), used + 1));
    widths.push_back(width);
  }
  return widths;
}

Network mlp(Builder b, std::string_view name, int64_t classes) {
  int x = 0;
  for (const int64_t width : widths_of(name, "512,256")) x = b.relu(b.fc(x, width));
  b.softmax_loss(b.fc(x, classes));
  return b.build();
}

// What the last layer says of the last step.
Network recurrent(Builder b, std::string_view name, int64_t classes) {
  int x = 0;
  for (const int64_t width : widths_of(name, "64"))
    x = name.starts_with("lstm") ? b.lstm(x, width) : b.rnn(x, width);
  b.softmax_loss(b.fc(b.last_step(x), classes));
  return b.build();
}

Network inception_block(Builder b, int64_t classes) {
  b.softmax_loss(b.fc(b.global_avg_pool(inception_a(b, 0)), classes));
  return b.build();
}

}  // namespace

Network make(std::string_view name, const Shape& input, int64_t classes) {
  const Builder b(std::string(name), input);
  if (classes < 2) throw Error(fmt::format("{} classes: at least 2 are needed", classes));
  if (name == "lenet") return lenet(b, classes);
  if (name == "cifar-quick") return cifar_quick(b, classes);
  if (name == "alexnet") return alexnet(b, classes);
  if (name == "vgg16") return vgg(b, classes, 3);
  if (name == "vgg19") return vgg(b, classes, 4);
  if (name == "inception-v4") return inception_v4(input, classes);
  if (name == "inception-a") return inception_block(b, classes);
  if (name == "mlp" || name.starts_with("mlp:")) return mlp(b, name, classes);
  if (of_sequences(name)) return recurrent(b, name, classes);
  if (auto network = resnet_named(name, input, classes)) return *std::move(network);
  throw Error(fmt::format("{}: no such network; known are {}", name, kKnown));
}

bool of_sequences(std::string_view name) {
  const std::string_view kind = name.substr(0, name.find(':'));
  return kind == "rnn" || kind == "lstm";
}

Shape usual_input(std::string_view name, int64_t n) {
  if (name == "lenet" || name.starts_with("mlp")) return {n, 1, 28, 28};
  if (of_sequences(name)) return {n, 1, 28, 2};
  if (name == "cifar-quick") return {n, 3, 32, 32};
  if (name == "alexnet") return {n, 3, 227, 227};
  if (name == "inception-v4") return {n, 3, 299, 299};
  if (name == "inception-a") return {n, 384, 35, 35};
  return {n, 3, 224, 224};
}

}  // namespace nn::graph
