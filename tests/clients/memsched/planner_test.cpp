// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "clients/memsched/plan/lives.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace {

using memsched::Action;
using memsched::ActionKind;
using memsched::Options;
using memsched::plan;
using memsched::Policy;
using memsched::Replay;
using memsched::Schedule;
using memsched::Switches;
using nn::graph::Network;
using nn::graph::TensorId;

TEST(Planner, RungsAreTheFormulasOnAChain) {
  for (const char* name : {"alexnet", "vgg16"}) {
    const Network network = nn::graph::make(name, nn::graph::usual_input(name, 16), 1000);
    const auto costs = paper_costs(network);
    const auto peak = [&](const Switches& switches) {
      return plan(network, costs, {switches}).schedule.value().peak_bytes;
    };
    const auto rungs = memsched::paper_rungs(network, costs);
    EXPECT_EQ(peak({}), rungs.nothing);
    // The formulas leave out that the first steps of backward may need more than the last layer's gradient.
    const auto near = [](int64_t ours, int64_t papers) {
      return static_cast<double>(ours) / static_cast<double>(papers);
    };
    EXPECT_NEAR(near(peak({true, false, false, false, false}), rungs.liveness), 1, 0.03) << name;
    EXPECT_LE(peak({true, true, false, false, false}), peak({true, false, false, false, false}));
    EXPECT_LE(peak({true, true, false, true, false}), peak({true, true, false, false, false}));
  }
}

TEST(Planner, RefusesLessThanOneLayerNeedsAndSaysHowMuchThatIs) {
  const Network network = nn::graph::make("alexnet", {200, 3, 227, 227}, 1000);
  const auto outcome = plan(network, paper_costs(network),
                            {memsched::kAll, Replay::CostAware, Policy::SuperNeurons, 929279999});
  EXPECT_FALSE(outcome.schedule);
  EXPECT_NE(outcome.why.find("l_peak = 929280000"), std::string::npos) << outcome.why;
}

TEST(Planner, SaysWhereItDoesNotFit) {
  const Network network = nn::graph::make("alexnet", {4, 3, 227, 227}, 1000);
  const auto costs = paper_costs(network);
  const Switches liveness{true, false, false, false, false};
  const auto outcome =
      plan(network, costs,
           {liveness, Replay::CostAware, Policy::SuperNeurons, memsched::l_peak(network, costs)});
  EXPECT_FALSE(outcome.schedule);
  EXPECT_NE(outcome.why.find("there is no room"), std::string::npos) << outcome.why;
}

// Copies come back before the step that needs them: some step is run between.
TEST(Planner, PrefetchesWithoutRaisingThePeak) {
  const Network network = nn::graph::make("vgg16", {8, 3, 224, 224}, 1000);
  const auto costs = paper_costs(network);
  const Switches switches{true, true, false, true, false};
  const Schedule schedule = plan(network, costs, {switches}).schedule.value();
  std::map<TensorId, int> coming;  // fetched, and the step that ran meanwhile
  int ahead = 0;
  for (const Action& action : schedule.actions) {
    if (action.kind == ActionKind::CopyIn) coming[action.tensor] = 0;
    if (action.kind != ActionKind::Run) continue;
    const auto named = access(network, costs, action.step);
    for (auto& [tensor, steps] : coming) {
      if (std::find(named.reads.begin(), named.reads.end(), tensor) != named.reads.end())
        ahead += steps > 0 ? 1 : 0;
      ++steps;
    }
  }
  EXPECT_GT(ahead, 5);
  EXPECT_EQ(schedule.bytes_in >= schedule.bytes_out / 2, true);
}

TEST(Planner, WorkspacesTakeTheFastestThatFits) {
  const Network network = nn::graph::make("vgg16", {8, 3, 224, 224}, 1000);
  const auto costs = paper_costs(network);
  const auto time = [&](int64_t budget) {
    const auto outcome =
        plan(network, costs,
             {{true, true, true, true, true}, Replay::CostAware, Policy::SuperNeurons, budget});
    EXPECT_TRUE(outcome.schedule) << outcome.why;
    return outcome.schedule.value().compute_ns;
  };
  const int64_t least = memsched::l_peak(network, costs, true);
  EXPECT_LT(time(40 * least), time(least + 4096));
  const Schedule all =
      plan(network, costs, {memsched::kAll, Replay::CostAware, Policy::SuperNeurons, 40 * least})
          .schedule.value();
  for (const Action& action : all.actions) {
    if (action.kind != ActionKind::Run) continue;
    const auto& layer = costs.layers[static_cast<size_t>(layer_of_step(network, action.step))];
    const auto& ways = is_forward(network, action.step) ? layer.forward : layer.backward;
    for (const auto& way : ways)
      EXPECT_LE(ways[static_cast<size_t>(action.algorithm)].time_ns, way.time_ns);
  }
}

// Room for everything is not needed to know what an iteration costs: the more room, the less is replayed and moved.
TEST(Planner, MoreMemoryNeverCostsMoreOnAlexNet) {
  const Network network = nn::graph::make("alexnet", {64, 3, 227, 227}, 1000);
  const auto costs = paper_costs(network);
  int64_t moved = -1;
  for (const double part : {1.01, 1.5, 2.0, 3.0, 4.0}) {
    const auto budget =
        static_cast<int64_t>(part * static_cast<double>(memsched::l_peak(network, costs)));
    Switches switches = memsched::kAll;
    switches.workspaces = false;
    const auto schedule =
        plan(network, costs, {switches, Replay::CostAware, Policy::SuperNeurons, budget})
            .schedule.value();
    if (moved >= 0) {
      EXPECT_LE(schedule.bytes_out + schedule.bytes_in, moved) << part;
    }
    moved = schedule.bytes_out + schedule.bytes_in;
  }
  EXPECT_EQ(moved, 0);
}

TEST(FaultOf, FindsWhatIsWrong) {
  const Network network = nn::graph::make("cifar-quick", {8, 3, 32, 32}, 10);
  const auto costs = paper_costs(network);
  const Schedule sound = plan(network, costs, {{true, true, false, true, false}}).schedule.value();
  ASSERT_EQ(fault_of(sound, network, costs), "");
  // Without any one of its actions a plan is not sound, except for copies that only free what nobody takes.
  for (size_t i = 0; i < sound.actions.size(); ++i) {
    Schedule broken = sound;
    broken.actions.erase(broken.actions.begin() + static_cast<int64_t>(i));
    EXPECT_NE(fault_of(broken, network, costs), "") << i;
  }
  Schedule broken = sound;
  broken.peak_bytes += 1;
  EXPECT_NE(fault_of(broken, network, costs), "");
  broken = sound;
  for (Action& action : broken.actions)
    if (action.kind == ActionKind::Place) action.offset_bytes = 0;
  EXPECT_NE(fault_of(broken, network, costs).find("overlaps"), std::string::npos);
}

}  // namespace
