// SPDX-License-Identifier: Apache-2.0
// Faults in the middle of simulated runs: the scheduler that survives them is the runtime's own.
#include <gtest/gtest.h>

#include "tests/blasx/sim/requests.hpp"

namespace blasx::runtime::sim {
namespace {

using device::sim::plain_machine;

TEST(Fault, AnotherDeviceFinishesTheWork) {
  for (const PolicyKind policy : {PolicyKind::Blasx, PolicyKind::NoPeers, PolicyKind::Static}) {
    for (const char* family : kFamilies) {
      SCOPED_TRACE(std::string(family) + " " + policy_name(policy));
      Request r = request(family, 1000, 100, 3);
      r.policy = policy;
      const double whole = run(plain_machine(3, true), r)->seconds;
      for (const double part : {0.0, 0.01, 0.3, 0.7, 0.99}) {
        r.faults = {{1, part * whole, 0}};
        const auto outcome = run(plain_machine(3, true), r);
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->committed, outcome->tasks);
        // Later it may have had its last answer already.
        EXPECT_TRUE(outcome->devices[1].lost || part > 0.9);
        // With nobody's tasks reserved any more the rest may even go faster.
        EXPECT_GE(outcome->seconds, 0.9 * whole);
        EXPECT_LE(outcome->seconds, 2.5 * whole);
      }
    }
  }
}

TEST(Fault, WithNobodyLeftTheRunEnds) {
  Request r = request("dgemm", 1000, 100, 2);
  r.faults = {{0, 0.1, 0}, {1, 0.2, 0}};
  const auto outcome = run(plain_machine(2, true), r);
  ASSERT_TRUE(outcome);
  EXPECT_LT(outcome->committed, outcome->tasks);
  EXPECT_NEAR(outcome->seconds, 0.2, 1e-9);
}

TEST(Fault, ASlowDeviceGetsLess) {
  Request r = request("dgemm", 2000, 100, 2);
  r.faults = {{1, 0.0, 3.0}};
  const auto outcome = run(plain_machine(2, true), r);
  ASSERT_TRUE(outcome);
  EXPECT_NEAR(static_cast<double>(outcome->devices[0].tasks) /
                  static_cast<double>(outcome->devices[1].tasks),
              3, 0.3);
  EXPECT_LT(outcome->finish_spread(), 0.05);
}

TEST(Fault, XtHasNoAnswer) {
  Request r = request("dgemm", 1000, 100, 2);
  r.policy = PolicyKind::Xt;
  r.faults = {{1, 0.1, 0}};
  EXPECT_FALSE(run(plain_machine(2, true), r));
}

// Two rows of eight chains, four for each device. What disturbs one while it solves the first row says nothing of the second.
TEST(Fault, ADisturbedStartIsNotTakenForASlowDevice) {
  Request r = request("dtrsm", 1000, 500, 2);
  r.call.n = 4000;
  r.faults = {{0, 0.0, 1.4}, {0, 0.7, 1.0}};
  const Outcome o = run(plain_machine(2, true), r).value();
  EXPECT_EQ(o.devices[0].tasks, 8);
  EXPECT_LE(o.finish_spread(), 0.15);
}

}  // namespace
}  // namespace blasx::runtime::sim
