// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/routes.hpp"

#include <gtest/gtest.h>

#include "tests/blasx/sim/machines.hpp"

namespace blasx::device::sim {
namespace {

TEST(Routes, WidestThenShortest) {
  Machine machine = plain_machine(2, true);
  machine.links.push_back({1, 2, 2e9, 2e9, true, 0});  // a cable as wide as the way over the switch
  const Routes routes(machine);
  EXPECT_DOUBLE_EQ(routes.way(1, 2).bytes_per_s, 2e9);
  EXPECT_EQ(routes.way(1, 2).links.size(), 1U);
  EXPECT_DOUBLE_EQ(routes.way(0, 1).bytes_per_s, 1e9);
}

// The wide way from home to the second device would lead through the first.
TEST(Routes, DevicesPassNothingOn) {
  Machine machine = plain_machine(2, true);
  machine.links[0].bytes_per_s = 8e9;
  const Routes routes(machine);
  EXPECT_DOUBLE_EQ(routes.way(0, 2).bytes_per_s, 1e9);
  EXPECT_EQ(routes.way(0, 2).links.size(), 1U);
}

TEST(Routes, EachDirectionHasItsRate) {
  Machine machine = plain_machine(1, false);
  machine.links[0].bytes_per_s_back = 3e9;
  machine.links[0].latency_us = 7;
  const Routes routes(machine);
  EXPECT_DOUBLE_EQ(routes.way(0, 1).bytes_per_s, 1e9);
  EXPECT_DOUBLE_EQ(routes.way(1, 0).bytes_per_s, 3e9);
  EXPECT_DOUBLE_EQ(routes.way(1, 0).latency_s, 7e-6);
  EXPECT_NE(routes.way(0, 1).links[0], routes.way(1, 0).links[0]);
}

TEST(Routes, NotDuplexIsOneLane) {
  Machine machine = plain_machine(1, false);
  machine.links[0].duplex = false;
  const Routes routes(machine);
  EXPECT_EQ(routes.way(0, 1).links, routes.way(1, 0).links);
}

TEST(Routes, TableForTheScheduler) {
  const Machine machine = plain_machine(3, true);
  const Routes routes(machine);
  const std::vector<double> table = routes.link_table(machine, {2, 0});
  EXPECT_EQ(table, (std::vector<double>{0, 1e9, 1e9,  //
                                        1e9, 0, 2e9,  //
                                        1e9, 2e9, 0}));
  const Machine apart = plain_machine(3, false);
  EXPECT_DOUBLE_EQ(Routes(apart).link_table(apart, {0, 1})[5], 0);
}

}  // namespace
}  // namespace blasx::device::sim
