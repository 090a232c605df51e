// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "clients/nn/error.hpp"

namespace {

using nn::graph::Builder;
using nn::graph::LayerKind;
using nn::graph::Network;
using nn::graph::Shape;
using nn::graph::square;

std::vector<std::string> names(const Network& network) {
  std::vector<std::string> all;
  for (const auto& layer : network.layers) all.push_back(layer.name);
  return all;
}

TEST(Builder, ShapesOfWindows) {
  Builder b("n", {2, 3, 227, 227});
  const int conv = b.conv(0, 96, square(11, 4));
  EXPECT_EQ(b.shape(conv), (Shape{2, 96, 55, 55}));
  EXPECT_EQ(b.shape(b.max_pool(conv, square(3, 2))), (Shape{2, 96, 27, 27}));
  EXPECT_EQ(b.shape(b.conv(conv, 8, {1, 7, 1, 0, 3})), (Shape{2, 8, 55, 55}));
  EXPECT_EQ(b.shape(b.conv(conv, 8, {1, 7, 1, 0, 0})), (Shape{2, 8, 55, 49}));
  EXPECT_EQ(b.shape(b.fc(conv, 10)), (Shape{2, 10, 1, 1}));
  EXPECT_EQ(b.shape(b.global_avg_pool(conv)), (Shape{2, 96, 1, 1}));
  const int sequence = b.conv(conv, 1, square(1));
  EXPECT_EQ(b.shape(b.rnn(sequence, 7)), (Shape{2, 1, 55, 7}));
  EXPECT_EQ(b.shape(b.last_step(b.lstm(sequence, 7))), (Shape{2, 1, 1, 7}));
  EXPECT_EQ(b.shape(b.concat({conv, b.relu(conv)})), (Shape{2, 192, 55, 55}));
}

TEST(Builder, RouteEmitsJoinsWhenAllInputsAreThere) {
  Builder b("n", {1, 4, 8, 8});
  const int left = b.conv(0, 4, square(1));
  const int right = b.relu(b.conv(0, 4, square(1)));
  const int inner = b.relu(right);
  b.softmax_loss(b.fc(b.add({left, b.add({right, inner})}), 2));
  const Network network = b.build();
  EXPECT_EQ(names(network),
            (std::vector<std::string>{"data", "data_fork", "conv1", "conv2", "relu1", "relu1_fork",
                                      "relu2", "add1", "add2", "fc1", "softmax1"}));
  for (int i = 0; i < network.size(); ++i)
    for (const int input : network.layers[static_cast<size_t>(i)].inputs) EXPECT_LT(input, i);
}

TEST(Builder, OnlyForksHaveSeveralReaders) {
  Builder b("n", {1, 4, 8, 8});
  const int x = b.conv(0, 4, square(1));
  b.add({x, x, b.relu(x)});
  const Network network = b.build();
  for (int i = 0; i < network.size(); ++i) {
    const auto& layer = network.layers[static_cast<size_t>(i)];
    const size_t readers = network.consumers[static_cast<size_t>(i)].size();
    EXPECT_EQ(readers > 1, layer.kind == LayerKind::Fork) << layer.name;
  }
  // The sum reads the fork twice and the relu once: three branches, each of its own.
  const int sum = network.size() - 1;
  const auto fork = static_cast<size_t>(network.layers.back().inputs[0]);
  EXPECT_EQ(network.consumers[fork].size(), 3U);
  std::vector<int> branches{network.branch(sum, 0), network.branch(sum, 1)};
  for (int i = 0; i < network.size(); ++i)
    if (network.layers[static_cast<size_t>(i)].kind == LayerKind::Relu)
      branches.push_back(network.branch(i, 0));
  std::sort(branches.begin(), branches.end());
  EXPECT_EQ(branches, (std::vector<int>{0, 1, 2}));
}

TEST(Builder, ShapesThatDoNotFitAreRefusedByName) {
  Builder b("net", {1, 3, 8, 8});
  const int wide = b.conv(0, 4, square(1));
  try {
    b.add({0, wide});
    FAIL();
  } catch (const nn::Error& error) {
    EXPECT_NE(std::string(error.what()).find("1x3x8x8"), std::string::npos) << error.what();
  }
  EXPECT_THROW(b.conv(0, 4, square(9)), nn::Error);
  EXPECT_THROW(b.lstm(wide, 5), nn::Error);
  EXPECT_THROW(b.lstm(b.conv(0, 1, square(1)), 0), nn::Error);
  EXPECT_THROW(b.concat({0, b.max_pool(wide, square(2, 2))}), nn::Error);
  EXPECT_THROW(Builder("net", {0, 3, 8, 8}), nn::Error);
}

}  // namespace
