// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/steps.hpp"

#include <gtest/gtest.h>

#include <set>

#include "clients/nn/graph/zoo.hpp"

namespace {

using nn::graph::Access;
using nn::graph::Builder;
using nn::graph::Costs;
using nn::graph::Network;
using nn::graph::square;
using nn::graph::TensorId;
using nn::graph::TensorKind;

TEST(Steps, WhatBackwardNames) {
  Builder b("n", {1, 3, 8, 8});
  b.softmax_loss(b.fc(b.max_pool(b.relu(b.conv(0, 4, square(3))), square(2, 2)), 2));
  const Network network = b.build();  // data conv relu pool fc softmax
  const Costs costs = paper_costs(network);
  const int last = network.steps() - 1;
  const TensorId x{TensorKind::Output, 1}, y{TensorKind::Output, 2};
  const Access relu = access(network, costs, last - 2);
  EXPECT_EQ(relu.reads, (std::vector<TensorId>{x, y, {TensorKind::Gradient, 2}}));
  EXPECT_EQ(relu.writes, (std::vector<TensorId>{{TensorKind::Gradient, 1}}));
  const Access conv = access(network, costs, last - 1);
  EXPECT_EQ(conv.reads,
            (std::vector<TensorId>{{TensorKind::Output, 0}, {TensorKind::Gradient, 1}}));
  EXPECT_TRUE(conv.writes.empty());  // nothing towards the data
  const Access loss = access(network, costs, network.size());
  EXPECT_EQ(loss.reads, (std::vector<TensorId>{{TensorKind::Output, 5}}));
  EXPECT_EQ(loss.writes, (std::vector<TensorId>{{TensorKind::Gradient, 4}}));
  const Access data = access(network, costs, last);
  EXPECT_TRUE(data.reads.empty() && data.writes.empty());
}

TEST(Steps, SavedIsWrittenForwardAndReadBackward) {
  Builder b("n", {1, 3, 8, 8});
  b.softmax_loss(b.fc(b.dropout(b.fc(0, 4), 0.5F), 2));
  const Network network = b.build();
  Costs costs = paper_costs(network);
  costs.layers[2].saved_bytes = 24;
  const TensorId saved{TensorKind::Saved, 2};
  EXPECT_EQ(access(network, costs, 2).writes.back(), saved);
  EXPECT_EQ(access(network, costs, network.steps() - 3).reads[1], saved);
  EXPECT_EQ(tensor_bytes(costs, saved), 24);
}

// In every network: what a step reads was written before, each tensor once; a gradient has one writer and one reader.
TEST(Steps, EverythingReadWasWrittenOnce) {
  for (const char* name : {"alexnet", "resnet50", "inception-v4", "cifar-quick", "mlp:7,5"}) {
    const Network network = nn::graph::make(name, nn::graph::usual_input(name, 1), 10);
    const Costs costs = paper_costs(network);
    std::set<TensorId> written;
    std::multiset<TensorId> gradients_read;
    for (int step = 0; step < network.steps(); ++step) {
      const Access named = access(network, costs, step);
      for (const TensorId& id : named.reads) {
        EXPECT_TRUE(written.count(id))
            << name << " step " << step << ' ' << tensor_name(network, id);
        if (id.kind == TensorKind::Gradient) gradients_read.insert(id);
      }
      for (const TensorId& id : named.writes)
        EXPECT_TRUE(written.insert(id).second) << name << ' ' << tensor_name(network, id);
    }
    for (const TensorId& id : written) {
      if (id.kind == TensorKind::Gradient) {
        EXPECT_EQ(gradients_read.count(id), 1U) << name << ' ' << tensor_name(network, id);
      }
    }
  }
}

TEST(Steps, NamesForPeople) {
  Builder b("n", {1, 4, 8, 8});
  const int x = b.conv(0, 4, square(1));
  b.add({x, b.relu(x)});
  const Network network = b.build();  // data conv1 conv1_fork relu1 add1
  EXPECT_EQ(tensor_name(network, {TensorKind::Output, 1}), "conv1");
  EXPECT_EQ(tensor_name(network, {TensorKind::Gradient, 1}), "d conv1");
  EXPECT_EQ(tensor_name(network, {TensorKind::Gradient, 2, 1}), "d conv1_fork.1");
}

}  // namespace
