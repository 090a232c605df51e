// SPDX-License-Identifier: Apache-2.0
// The figures of the SuperNeurons paper, from the planner.
#include <gtest/gtest.h>

#include <numeric>

#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/plan/planner.hpp"
#include "clients/memsched/plan/segments.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace {

using memsched::Options;
using memsched::Replay;
using memsched::Schedule;
using memsched::Switches;
using nn::graph::Network;

constexpr Switches kEager{true, true, false, true, false};

Network network(const char* name, int64_t batch) {
  return nn::graph::make(name, nn::graph::usual_input(name, batch), 1000);
}

Schedule planned(const Network& network, const Options& options) {
  const auto costs = paper_costs(network);
  auto outcome = memsched::plan(network, costs, options);
  if (!outcome.schedule) ADD_FAILURE() << outcome.why;
  Schedule schedule = outcome.schedule.value_or(Schedule{});
  EXPECT_EQ(fault_of(schedule, network, costs), "") << network.name;
  return schedule;
}

struct Replays {
  const char* name;
  int64_t batch;
  int64_t speed, memory, cost;
};

TEST(Paper, Replays) {
  for (const Replays& row :
       {Replays{"alexnet", 200, 14, 23, 17}, Replays{"resnet50", 32, 84, 118, 85},
        Replays{"resnet101", 32, 169, 237, 170}}) {
    const Network net = network(row.name, row.batch);
    EXPECT_EQ(planned(net, {kEager, Replay::SpeedCentric}).replays, row.speed) << row.name;
    EXPECT_EQ(planned(net, {kEager, Replay::MemoryCentric}).replays, row.memory) << row.name;
    EXPECT_EQ(planned(net, {kEager, Replay::CostAware}).replays, row.cost) << row.name;
  }
}

TEST(Paper, PeaksOfAlexNet) {
  const Network net = network("alexnet", 200);
  constexpr int64_t kLrn1 = int64_t{96} * 55 * 55 * 200 * 4,
                    kPool1 = int64_t{96} * 27 * 27 * 200 * 4;
  EXPECT_EQ(memsched::l_peak(net, paper_costs(net)), 4 * kLrn1);  // 886.23 MiB
  const int64_t speed = planned(net, {kEager, Replay::SpeedCentric}).peak_bytes;
  EXPECT_EQ(speed, 4 * kLrn1 + 2 * kPool1);
  EXPECT_NEAR(static_cast<double>(speed) / 1048576, 993.018, 5e-4);
  EXPECT_NEAR(static_cast<double>(4 * kLrn1) / 1048576, 886.23, 5e-3);
  EXPECT_EQ(planned(net, {kEager, Replay::MemoryCentric}).peak_bytes, 4 * kLrn1);
  EXPECT_EQ(planned(net, {kEager, Replay::CostAware}).peak_bytes, 4 * kLrn1);
}

TEST(Paper, SegmentsOfAlexNet) {
  const Network net = network("alexnet", 1);
  std::vector<size_t> lengths;
  for (const auto& segment : memsched::segments(net, paper_costs(net)))
    lengths.push_back(segment.layers.size());
  EXPECT_EQ(lengths, (std::vector<size_t>{3, 3, 1, 1, 2, 2, 2}));
}

}  // namespace
