// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/flows.hpp"

#include <gtest/gtest.h>

namespace blasx::device::sim {
namespace {

TEST(Flows, OneGetsItsNarrowestLane) {
  const std::vector<int32_t> way{0, 1};
  std::vector<Flow> flows{{&way}};
  share_lanes(flows, {5, 3});
  EXPECT_DOUBLE_EQ(flows[0].rate, 3);
}

TEST(Flows, EqualsShareALane) {
  const std::vector<int32_t> way{0};
  std::vector<Flow> flows{{&way}, {&way}, {&way}};
  share_lanes(flows, {6});
  for (const Flow& flow : flows) EXPECT_DOUBLE_EQ(flow.rate, 2);
}

// Two share lane 0; one of them is held back by lane 1, so the other takes what it leaves.
TEST(Flows, WhatOneCannotUseIsTheOthers) {
  const std::vector<int32_t> both{0, 1}, first{0};
  std::vector<Flow> flows{{&both}, {&first}};
  share_lanes(flows, {10, 2});
  EXPECT_DOUBLE_EQ(flows[0].rate, 2);
  EXPECT_DOUBLE_EQ(flows[1].rate, 8);
}

TEST(Flows, OwnLimitHolds) {
  const std::vector<int32_t> way{0};
  std::vector<Flow> flows{{&way, 1}, {&way}};
  share_lanes(flows, {10});
  EXPECT_DOUBLE_EQ(flows[0].rate, 1);
  EXPECT_DOUBLE_EQ(flows[1].rate, 9);
}

TEST(Flows, NoLaneCarriesMoreThanItCan) {
  const std::vector<int32_t> a{0, 2}, b{1, 2}, c{0, 1}, d{2};
  std::vector<Flow> flows{{&a}, {&b}, {&c}, {&d, 0.3}, {&a}};
  const std::vector<double> lanes{3, 1, 2};
  share_lanes(flows, lanes);
  std::vector<double> used(3, 0);
  for (const Flow& flow : flows) {
    EXPECT_GT(flow.rate, 0);
    for (const int32_t lane : *flow.lanes) used[static_cast<size_t>(lane)] += flow.rate;
  }
  for (size_t l = 0; l < 3; ++l) EXPECT_LE(used[l], lanes[l] * (1 + 1e-12));
  EXPECT_NEAR(used[1], 1, 1e-12);  // somebody is held back by it, so it is full
}

}  // namespace
}  // namespace blasx::device::sim
