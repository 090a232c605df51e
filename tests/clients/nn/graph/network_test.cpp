// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/network.hpp"

#include <gtest/gtest.h>

#include "clients/nn/graph/builder.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace {

using nn::graph::Builder;
using nn::graph::Network;
using nn::graph::square;

TEST(Network, GradientsComeOnlyWhereParametersAre) {
  Builder b("n", {1, 3, 8, 8});
  b.softmax_loss(b.fc(b.relu(b.conv(b.relu(0), 4, square(3))), 2));
  const Network network = b.build();  // data relu1 conv1 relu2 fc1 softmax1
  EXPECT_FALSE(network.needs_gradient(0));
  EXPECT_FALSE(network.needs_gradient(1));
  for (int i = 2; i < network.size(); ++i) EXPECT_TRUE(network.needs_gradient(i)) << i;
}

TEST(Network, CountsParametersAndOperations) {
  Builder b("n", {2, 3, 8, 8});
  const int conv = b.conv(0, 4, square(3));  // 4 x 6 x 6 out
  b.softmax_loss(b.fc(b.batch_norm(conv), 10));
  const Network network = b.build();
  EXPECT_EQ(parameter_elems(network, 1), 4 * 27 + 4);
  EXPECT_EQ(parameter_elems(network, 2), 2 * 4);
  EXPECT_EQ(parameter_elems(network, 3), 10 * (4 * 36 + 1));
  EXPECT_EQ(operations(network, 1), 2.0 * 2 * 4 * 36 * 27);
  EXPECT_EQ(operations(network, 3), 2.0 * 2 * 10 * 144);
}

// Published sizes of the published networks, so that each is the one it is called.
TEST(Network, ParametersOfKnownNetworks) {
  const auto count = [](const char* name) {
    return parameter_elems(nn::graph::make(name, nn::graph::usual_input(name, 1), 1000));
  };
  EXPECT_EQ(count("vgg16"), 138'357'544);
  EXPECT_EQ(count("vgg19"), 143'667'240);
  EXPECT_EQ(count("resnet18"), 11'689'512);
  EXPECT_EQ(count("resnet34"), 21'797'672);
  EXPECT_EQ(count("resnet50"), 25'557'032);
  EXPECT_EQ(count("resnet101"), 44'549'160);
  EXPECT_EQ(count("resnet152"), 60'192'808);
  EXPECT_EQ(count("alexnet"), 62'378'344);
}

}  // namespace
