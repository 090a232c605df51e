// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/zoo.hpp"

#include <gtest/gtest.h>

#include "clients/nn/error.hpp"

namespace {

using nn::graph::LayerKind;
using nn::graph::Network;
using nn::graph::Shape;

Network usual(const char* name) {
  return nn::graph::make(name, nn::graph::usual_input(name, 4), 1000);
}

int64_t count(const Network& network, LayerKind kind) {
  int64_t sum = 0;
  for (const auto& layer : network.layers) sum += layer.kind == kind ? 1 : 0;
  return sum;
}

const Shape& shape_into(const Network& network, LayerKind kind) {
  for (const auto& layer : network.layers)
    if (layer.kind == kind) return network.layers[static_cast<size_t>(layer.inputs[0])].out;
  return network.input();
}

TEST(Zoo, SizesBeforeTheClassifier) {
  EXPECT_EQ(shape_into(usual("lenet"), LayerKind::Fc), (Shape{4, 50, 4, 4}));
  EXPECT_EQ(shape_into(usual("cifar-quick"), LayerKind::Fc), (Shape{4, 64, 4, 4}));
  EXPECT_EQ(shape_into(usual("alexnet"), LayerKind::Fc), (Shape{4, 256, 6, 6}));
  EXPECT_EQ(shape_into(usual("vgg16"), LayerKind::Fc), (Shape{4, 512, 7, 7}));
  EXPECT_EQ(shape_into(usual("resnet18"), LayerKind::AvgPool), (Shape{4, 512, 7, 7}));
  EXPECT_EQ(shape_into(usual("resnet50"), LayerKind::AvgPool), (Shape{4, 2048, 7, 7}));
  EXPECT_EQ(shape_into(usual("inception-v4"), LayerKind::Fc), (Shape{4, 1536, 1, 1}));
  EXPECT_EQ(shape_into(usual("inception-v4"), LayerKind::Dropout), (Shape{4, 1536, 1, 1}));
}

TEST(Zoo, Counts) {
  EXPECT_EQ(count(usual("vgg19"), LayerKind::Conv), 16);
  EXPECT_EQ(count(usual("resnet50"), LayerKind::Conv), 53);
  EXPECT_EQ(count(usual("resnet101"), LayerKind::Add), 33);
  EXPECT_EQ(count(usual("inception-v4"), LayerKind::Conv), 149);
  EXPECT_EQ(count(usual("inception-a"), LayerKind::Concat), 1);
}

TEST(Zoo, DepthOfAnyResNet) {
  EXPECT_EQ(nn::graph::resnet_depth({6, 32, 788, 6}), 2498);
  EXPECT_EQ(nn::graph::resnet_depth({3, 4, 6, 3}), 50);
  const Network by_depth = nn::graph::make("resnet2498", {1, 3, 32, 32}, 10);
  const Network by_blocks = nn::graph::make("resnet:6,32,788,6", {1, 3, 32, 32}, 10);
  EXPECT_EQ(by_depth.size(), by_blocks.size());
  EXPECT_EQ(count(by_depth, LayerKind::Add), 832);
  // Its convolutions, without the four that only change a shortcut's shape, and the classifier.
  EXPECT_EQ(count(by_depth, LayerKind::Conv) - 4 + 1, 2498);
}

// As PyTorch counts LSTM(2, 8), LSTM(8, 6) and Linear(6, 10); and RNN(2, 8) and Linear(8, 10).
TEST(Zoo, Recurrent) {
  const auto of = [](const char* name) {
    return nn::graph::make(name, nn::graph::usual_input(name, 4), 10);
  };
  EXPECT_EQ(parameter_elems(of("lstm:8,6")),
            4 * (8 * 2 + 8 * 8 + 16) + 4 * (6 * 8 + 6 * 6 + 12) + 70);
  EXPECT_EQ(parameter_elems(of("rnn:8")), 8 * 2 + 8 * 8 + 16 + 90);
  EXPECT_EQ(count(of("lstm:8,6"), LayerKind::Lstm), 2);
  EXPECT_TRUE(nn::graph::of_sequences("lstm") && nn::graph::of_sequences("rnn:3"));
  EXPECT_FALSE(nn::graph::of_sequences("lenet") || nn::graph::of_sequences("lstms"));
}

TEST(Zoo, WrongNamesAreRefusedWithTheRightOnes) {
  const Shape input{1, 3, 64, 64};
  for (const char* name : {"resnet51", "resnet", "resnet:3,4,6", "resnet:3,4,6,0", "mlp:3,,4",
                           "alexnet2", "resnet50x", "mlp:a", ""}) {
    EXPECT_THROW((void)nn::graph::make(name, input, 10), nn::Error) << name;
  }
  try {
    (void)nn::graph::make("alexnot", input, 10);
    FAIL();
  } catch (const nn::Error& error) {
    EXPECT_NE(std::string(error.what()).find("alexnet"), std::string::npos);
  }
  EXPECT_THROW((void)nn::graph::make("alexnet", {1, 3, 16, 16}, 10), nn::Error);
  EXPECT_THROW((void)nn::graph::make("lenet", {1, 1, 28, 28}, 1), nn::Error);
}

}  // namespace
