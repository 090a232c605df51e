// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "blasx/runtime/sim/static_shares.hpp"
#include "tests/blasx/sim/requests.hpp"

namespace blasx::runtime::sim {
namespace {

using device::sim::Machine;
using device::sim::plain_machine;

// Without a cache each of the 64 tasks fetches both inputs of each of its 8 steps.
TEST(Policy, XtFetchesEverythingEveryTime) {
  Request r = request("dgemm", 800, 100, 3);
  r.policy = PolicyKind::Xt;
  const auto outcome = run(plain_machine(3, true), r);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->traffic.misses, 64 * 8 * 2);
  EXPECT_EQ(outcome->traffic.home_to_device_bytes, 64 * 8 * 2 * 80'000);
  EXPECT_EQ(outcome->traffic.level1_hits + outcome->traffic.level2_hits, 0);
  for (const DeviceUse& use : outcome->devices)
    EXPECT_NEAR(static_cast<double>(use.tasks), 64 / 3.0, 1);
}

// One tile: A and B one after the other, the kernel, the store; as by hand.
TEST(Policy, XtOneTileByHand) {
  Request r = request("dgemm", 1000, 1000, 1);
  r.policy = PolicyKind::Xt;
  EXPECT_NEAR(run(plain_machine(1, false), r)->seconds, 0.016 + 2 + 0.008, 1e-9);
}

TEST(Policy, NoPeersAsksHomeOnly) {
  Request r = request("dgemm", 1000, 100, 2);
  const auto with = run(plain_machine(2, true), r);
  r.policy = PolicyKind::NoPeers;
  const auto without = run(plain_machine(2, true), r);
  ASSERT_TRUE(with && without);
  EXPECT_GT(with->traffic.device_to_device_bytes, 0);
  EXPECT_EQ(without->traffic.device_to_device_bytes, 0);
  EXPECT_GT(without->traffic.home_to_device_bytes, with->traffic.home_to_device_bytes);
}

TEST(Policy, StaticSharesFollowTheSpeeds) {
  const Request r = request("dgemm", 1000, 100, 2);
  const tile::TaskGraph graph(r.call, {100, 100, 100});
  const auto owners = static_shares(graph, {3, 1});
  EXPECT_EQ(std::count(owners.begin(), owners.end(), schedule::DeviceId{0}), 75);
  EXPECT_TRUE(std::is_sorted(owners.begin(), owners.end()));
}

TEST(Policy, StaticSharesKeepChainsTogether) {
  const Request r = request("dtrsm", 1000, 100, 2);
  const tile::TaskGraph graph(r.call, {100, 100, 100});
  const auto owners = static_shares(graph, {1, 1});
  for (int32_t i = 0; i < graph.task_count(); ++i) {
    const auto before = graph.task(tile::TaskId{i}).predecessor;
    if (before == tile::TaskId::None) continue;
    EXPECT_EQ(owners[static_cast<size_t>(i)], owners[static_cast<size_t>(tile::index(before))]);
  }
  EXPECT_EQ(std::count(owners.begin(), owners.end(), schedule::DeviceId{0}), 50);
}

// Nobody takes another's task, though one has nothing to do for long.
TEST(Policy, StaticIsStatic) {
  for (const char* family : kFamilies) {
    Request r = request(family, 1000, 100, 2);
    r.policy = PolicyKind::Static;
    r.faults = {{1, 0.0, 10.0}};
    const auto outcome = run(plain_machine(2, false), r);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->committed, outcome->tasks) << family;
    EXPECT_GT(outcome->finish_spread(), 0.5) << family;
    r.policy = PolicyKind::Blasx;
    EXPECT_LT(run(plain_machine(2, false), r)->seconds, 0.6 * outcome->seconds) << family;
  }
}

}  // namespace
}  // namespace blasx::runtime::sim
