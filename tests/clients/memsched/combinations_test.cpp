// SPDX-License-Identifier: Apache-2.0
// Every combination of the switches, on networks with and without forks: each plan is read by fault_of, which knows
// nothing of how it was made.
#include <gtest/gtest.h>

#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/plan/planner.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace {

using memsched::Options;
using memsched::plan;
using memsched::Policy;
using memsched::Replay;
using memsched::Switches;
using nn::graph::Costs;
using nn::graph::LayerKind;
using nn::graph::Network;

// As a layer set of a processor has them: relu reads its output only, pools their indices, batch norm its statistics.
Costs other_costs(const Network& network) {
  Costs costs = paper_costs(network);
  for (int i = 0; i < network.size(); ++i) {
    auto& layer = costs.layers[static_cast<size_t>(i)];
    const LayerKind kind = network.layers[static_cast<size_t>(i)].kind;
    if (kind == LayerKind::Relu) layer.reads_input = false;
    if (kind == LayerKind::MaxPool) layer.reads_input = layer.reads_output = false;
    if (kind == LayerKind::MaxPool) layer.saved_bytes = layer.output_bytes / 4 + 3;
    if (kind == LayerKind::BatchNorm) layer.saved_bytes = 100;
    if (kind == LayerKind::Conv) layer.forward[0].workspace_bytes = 1000;
    if (kind == LayerKind::Conv) layer.backward[0].workspace_bytes = 5000;
  }
  return costs;
}

std::vector<Network> networks() {
  using nn::graph::make;
  return {make("alexnet", {4, 3, 227, 227}, 10),   make("resnet50", {2, 3, 64, 64}, 10),
          make("resnet18", {2, 3, 32, 32}, 10),    make("inception-v4", {1, 3, 139, 139}, 10),
          make("cifar-quick", {8, 3, 32, 32}, 10), make("mlp:9,7", {3, 1, 5, 5}, 4),
          make("inception-a", {1, 48, 12, 12}, 10)};
}

std::string text(const Network& network, const Options& options) {
  return network.name + " with " + to_string(options.switches) + ", replay " +
         std::to_string(static_cast<int>(options.replay)) + ", budget " +
         std::to_string(options.budget_bytes);
}

class Combinations : public testing::TestWithParam<bool> {
 protected:
  static Costs costs_of(const Network& network) {
    return GetParam() ? other_costs(network) : paper_costs(network);
  }
};

TEST_P(Combinations, AreSoundWithoutABudget) {
  for (const Network& network : networks()) {
    const Costs costs = costs_of(network);
    for (const Switches& switches : memsched::every_combination()) {
      for (const Replay replay : {Replay::SpeedCentric, Replay::MemoryCentric, Replay::CostAware}) {
        const Options options{switches, replay};
        const auto outcome = plan(network, costs, options);
        ASSERT_TRUE(outcome.schedule) << text(network, options) << ": " << outcome.why;
        ASSERT_EQ(memsched::fault_of(*outcome.schedule, network, costs), "")
            << text(network, options);
        EXPECT_EQ(switches.recompute && !switches.cache, outcome.schedule->replays > 0)
            << text(network, options);
        EXPECT_EQ(switches.offload && !switches.cache, outcome.schedule->bytes_out > 0)
            << text(network, options);
      }
    }
  }
}

// With the cache any budget will do that holds the hungriest layer; fragments are moved together.
TEST_P(Combinations, KeepToTheBudget) {
  for (const Network& network : networks()) {
    const Costs costs = costs_of(network);
    for (Switches switches : memsched::every_combination()) {
      if (!switches.cache) continue;
      const int64_t least = memsched::l_peak(network, costs, switches.workspaces);
      for (const int64_t more :
           {int64_t{2048}, 2048 + least / 10, 2048 + least / 2, 2048 + 2 * least}) {
        const Options options{switches, Replay::CostAware, Policy::SuperNeurons, least + more};
        const auto outcome = plan(network, costs, options);
        ASSERT_TRUE(outcome.schedule) << text(network, options) << ": " << outcome.why;
        ASSERT_EQ(memsched::fault_of(*outcome.schedule, network, costs), "")
            << text(network, options);
        EXPECT_LE(outcome.schedule->arena_bytes, options.budget_bytes);
      }
    }
  }
}

TEST_P(Combinations, NothingMovesWhileTheWorkingSetFits) {
  for (const Network& network : networks()) {
    const Costs costs = costs_of(network);
    const Switches plain{true, false, false, false, false};
    const auto fits = plan(network, costs, {plain});
    ASSERT_TRUE(fits.schedule);
    for (Switches switches : memsched::every_combination()) {
      if (!switches.cache || switches.workspaces) continue;
      const Options options{switches, Replay::CostAware, Policy::SuperNeurons,
                            fits.schedule->arena_bytes};
      const auto outcome = plan(network, costs, options);
      ASSERT_TRUE(outcome.schedule) << outcome.why;
      EXPECT_TRUE(outcome.schedule->actions == fits.schedule->actions) << text(network, options);
      EXPECT_EQ(outcome.schedule->bytes_out + outcome.schedule->replays, 0);
    }
  }
}

TEST_P(Combinations, DtrKeepsToItsBudget) {
  for (const Network& network : networks()) {
    if (network.name.starts_with("mlp")) continue;  // rounding to blocks is all its memory
    const Costs costs = costs_of(network);
    const auto fits = plan(network, costs, {Switches{true, false, false, false, false}});
    const Options options{
        Switches{}, Replay::CostAware, Policy::Dtr,
        std::max(fits.schedule->arena_bytes * 7 / 10, memsched::l_peak(network, costs) * 3 / 2)};
    const auto outcome = plan(network, costs, options);
    ASSERT_TRUE(outcome.schedule) << text(network, options) << ": " << outcome.why;
    EXPECT_EQ(memsched::fault_of(*outcome.schedule, network, costs), "") << text(network, options);
    EXPECT_LE(outcome.schedule->arena_bytes, options.budget_bytes);
    EXPECT_EQ(outcome.schedule->bytes_out, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Costs, Combinations, testing::Bool());

}  // namespace
