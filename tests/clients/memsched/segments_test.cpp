// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/segments.hpp"

#include <gtest/gtest.h>

#include "clients/memsched/plan/lives.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace {

using memsched::Lives;
using nn::graph::Builder;
using nn::graph::LayerKind;
using nn::graph::Network;
using nn::graph::square;

TEST(Segments, AreChainsBetweenCheckpoints) {
  const Network network = nn::graph::make("resnet50", {1, 3, 224, 224}, 1000);
  for (const auto& segment : memsched::segments(network, paper_costs(network))) {
    int before = segment.source;
    EXPECT_TRUE(memsched::is_checkpoint(network.layers[static_cast<size_t>(before)].kind));
    for (const int layer : segment.layers) {
      EXPECT_EQ(network.layers[static_cast<size_t>(layer)].inputs, std::vector<int>{before});
      EXPECT_FALSE(memsched::is_checkpoint(network.layers[static_cast<size_t>(layer)].kind));
      before = layer;
    }
  }
}

TEST(Segments, BytesOfTheHungriestStep) {
  Builder b("n", {1, 1, 8, 8});
  b.softmax_loss(b.fc(b.max_pool(b.relu(b.conv(0, 1, square(1))), square(2, 2)), 2));
  const Network network = b.build();
  const auto all = memsched::segments(network, paper_costs(network));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].source, 1);
  // At the relu: conv, relu, and both gradients, 256 bytes each; at the pool conv, relu, d relu, and 64 bytes twice.
  EXPECT_EQ(all[0].speed_centric_bytes, 4 * 256);
}

TEST(Lives, SourcesOfReplaysLiveUntilTheLastReplay) {
  Builder b("n", {1, 1, 8, 8});
  b.softmax_loss(b.fc(b.relu(b.batch_norm(b.conv(0, 1, square(1)))), 2));
  const Network network = b.build();  // data conv bn relu fc softmax
  auto costs = paper_costs(network);
  costs.layers[3].reads_input = false;  // relu: its output only
  costs.layers[2].reads_input = false;  // so that nobody reads conv's output in backward
  const auto backward = [&](int layer) { return network.steps() - 1 - layer; };
  const Lives keep(network, costs, [](int) { return false; });
  EXPECT_EQ(keep[keep.output(1)].end, 2);
  EXPECT_EQ(keep[keep.output(2)].end, 3);
  const Lives again(network, costs, [](int layer) { return layer == 2 || layer == 3; });
  EXPECT_EQ(again[again.output(1)].end, backward(3));  // relu may be replayed from it until then
  EXPECT_EQ(again[again.output(2)].end, 3);            // comes and goes with the replay
  EXPECT_EQ(again[again.output(3)].end, backward(3));
  EXPECT_EQ(again.next_use(again.output(3), 4), backward(4));
  EXPECT_EQ(again.next_use(again.output(3), backward(3)), Lives::kNever);
}

TEST(Lives, PeakOfTheHungriestLayer) {
  const Network network = nn::graph::make("mlp:4", {1, 1, 2, 2}, 2);  // data fc relu fc softmax
  auto costs = paper_costs(network);
  EXPECT_EQ(memsched::l_peak(network, costs), 4 * 4 * 4);  // relu backward
  costs.layers[1].backward[0].workspace_bytes = 1000;      // fc reads data and d fc
  costs.layers[1].backward.push_back({"small", 100, 1});
  EXPECT_EQ(memsched::l_peak(network, costs), 2 * 16 + 1000);
  EXPECT_EQ(memsched::l_peak(network, costs, true), 2 * 16 + 100);
}

}  // namespace
