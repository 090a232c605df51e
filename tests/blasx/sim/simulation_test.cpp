// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/simulation.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/blasx/sim/machines.hpp"

namespace blasx::device::sim {
namespace {

constexpr DeviceId kFirst{0}, kSecond{1};

std::map<int, Report> run(Simulation& simulation) {
  std::map<int, Report> all;
  std::vector<Report> reports;
  while (simulation.next(reports)) {
    for (const Report& r : reports) {
      EXPECT_TRUE(all.emplace(static_cast<int>(r.op), r).second);
    }
  }
  return all;
}

TEST(Simulation, KernelsOfADeviceTakeTurns) {
  const Machine machine = plain_machine(2, false);
  Simulation simulation(machine, {0, 1}, {}, {});
  simulation.kernel(OpId{0}, kFirst, 0, 2);
  simulation.kernel(OpId{1}, kFirst, 1, 3);
  simulation.kernel(OpId{2}, kSecond, 0, 1);
  const auto done = run(simulation);
  EXPECT_DOUBLE_EQ(done.at(0).end_s, 2);
  EXPECT_DOUBLE_EQ(done.at(1).start_s, 2);
  EXPECT_DOUBLE_EQ(done.at(1).end_s, 5);
  EXPECT_DOUBLE_EQ(done.at(2).end_s, 1);
}

TEST(Simulation, UnitsWorkSideBySide) {
  Machine machine = plain_machine(1, false);
  machine.kinds[0].units = 2;
  Simulation simulation(machine, {0}, {}, {});
  for (int i = 0; i < 3; ++i) simulation.kernel(OpId{i}, kFirst, i, 2);
  const auto done = run(simulation);
  EXPECT_DOUBLE_EQ(done.at(1).end_s, 2);
  EXPECT_DOUBLE_EQ(done.at(2).end_s, 4);  // stream 2 has unit 0
}

TEST(Simulation, CopiesInAndOutOverlapAndKeepTheirOrder) {
  const Machine machine = plain_machine(1, false);
  Simulation simulation(machine, {0}, {}, {});
  simulation.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000);
  simulation.fetch(OpId{1}, kFirst, DeviceId::Home, 2'000'000'000);
  simulation.store(OpId{2}, kFirst, 1'500'000'000);
  const auto done = run(simulation);
  EXPECT_DOUBLE_EQ(done.at(0).end_s, 1);
  EXPECT_DOUBLE_EQ(done.at(1).end_s, 3);
  EXPECT_DOUBLE_EQ(done.at(2).end_s, 1.5);
}

// Two devices behind one lane of 1 GB/s: together at half the rate until the shorter copy ends.
TEST(Simulation, CopiesShareALane) {
  Machine machine = plain_machine(2, false);
  machine.links = {{0, 3, 1e9, 1e9, true, 0}, {3, 1, 8e9, 8e9, true, 0}, {3, 2, 8e9, 8e9, true, 0}};
  Simulation simulation(machine, {0, 1}, {}, {});
  simulation.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000);
  simulation.fetch(OpId{1}, kSecond, DeviceId::Home, 3'000'000'000);
  const auto done = run(simulation);
  EXPECT_NEAR(done.at(0).end_s, 2, 1e-12);
  EXPECT_NEAR(done.at(1).end_s, 4, 1e-12);
  EXPECT_EQ(simulation.lane_bytes()[0], 4'000'000'000);
  EXPECT_EQ(simulation.lane_bytes()[1], 0);
}

TEST(Simulation, LatencyComesBeforeTheBytes) {
  Machine machine = plain_machine(1, false);
  machine.links[0].latency_us = 250000;
  Simulation simulation(machine, {0}, {}, {});
  simulation.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000);
  EXPECT_DOUBLE_EQ(run(simulation).at(0).end_s, 1.25);
}

TEST(Simulation, PeersHaveTheirQueueWhereTheMachineSaysSo) {
  for (const int queue : {0, 1}) {
    Machine machine = plain_machine(2, true);
    machine.kinds[0].copies_from_peers = queue;
    Simulation simulation(machine, {0, 1}, {}, {});
    simulation.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000);
    simulation.fetch(OpId{1}, kFirst, kSecond, 2'000'000'000);
    EXPECT_DOUBLE_EQ(run(simulation).at(1).end_s, queue == 0 ? 2 : 1);
  }
}

TEST(Simulation, ThreadsShareTheCores) {
  Machine machine = plain_machine(2, false);
  machine.cores = 1;
  Simulation simulation(machine, {0, 1}, {}, {});
  simulation.kernel(OpId{0}, kFirst, 0, 1);
  simulation.kernel(OpId{1}, kSecond, 0, 2);
  const auto done = run(simulation);
  EXPECT_NEAR(done.at(0).end_s, 2, 1e-12);
  EXPECT_NEAR(done.at(1).end_s, 3, 1e-12);
}

TEST(Simulation, CopiesOfEachSortReachTheirRate) {
  Machine machine = plain_machine(2, true);
  machine.cores = 1;
  machine.kinds[0].copy_in_bytes_per_s = 5e8;
  machine.kinds[0].copy_out_bytes_per_s = 25e7;
  machine.kinds[0].copy_peer_bytes_per_s = 125e6;
  const auto alone = [&](auto&& copy) {
    Simulation simulation(machine, {0, 1}, {}, {});
    copy(simulation);
    return run(simulation).at(0).end_s;
  };
  const auto fetch = [](Simulation& s) { s.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000); };
  const auto store = [](Simulation& s) { s.store(OpId{0}, kFirst, 1'000'000'000); };
  const auto peer = [](Simulation& s) { s.fetch(OpId{0}, kFirst, kSecond, 1'000'000'000); };
  EXPECT_DOUBLE_EQ(alone(fetch), 2);
  EXPECT_DOUBLE_EQ(alone(store), 4);
  EXPECT_DOUBLE_EQ(alone(peer), 8);
  // A kernel takes half of the core.
  const auto beside = [](Simulation& s) {
    s.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000);
    s.kernel(OpId{1}, kSecond, 0, 100);
  };
  EXPECT_DOUBLE_EQ(alone(beside), 4);
}

TEST(Simulation, ADeviceSlowsInTheMiddleOfAKernel) {
  const Machine machine = plain_machine(1, false);
  Simulation simulation(machine, {0}, {}, {{0, 1.0, 4.0}});
  simulation.kernel(OpId{0}, kFirst, 0, 2);
  EXPECT_DOUBLE_EQ(run(simulation).at(0).end_s, 1 + 4);
}

TEST(Simulation, ALostDeviceAnswersEverythingOnce) {
  const Machine machine = plain_machine(2, true);
  Simulation simulation(machine, {0, 1}, {}, {{0, 0.5, 0}});
  simulation.kernel(OpId{0}, kFirst, 0, 2);                           // under way
  simulation.kernel(OpId{1}, kFirst, 0, 2);                           // waits
  simulation.fetch(OpId{2}, kSecond, kFirst, 2'000'000'000);          // reads from it
  simulation.fetch(OpId{3}, kSecond, DeviceId::Home, 1'000'000'000);  // waits behind that
  std::map<int, Report> done = run(simulation);
  for (const int op : {0, 1, 2}) {
    EXPECT_FALSE(done.at(op).ok);
    EXPECT_EQ(done.at(op).lost, kFirst);
    EXPECT_DOUBLE_EQ(done.at(op).end_s, 0.5);
  }
  EXPECT_TRUE(done.at(3).ok);
  EXPECT_DOUBLE_EQ(done.at(3).end_s, 1.5);
  simulation.kernel(OpId{4}, kFirst, 0, 1);
  EXPECT_FALSE(run(simulation).at(4).ok);
}

TEST(Simulation, JitterComesFromTheSeed) {
  const Machine machine = plain_machine(1, false);
  const auto end = [&](uint64_t seed) {
    Simulation simulation(machine, {0}, {seed, 0.5, 0}, {});
    simulation.fetch(OpId{0}, kFirst, DeviceId::Home, 1'000'000'000);
    return run(simulation).at(0).end_s;
  };
  EXPECT_EQ(end(1), end(1));
  EXPECT_NE(end(1), end(2));
  EXPECT_GE(end(3), 1);
  EXPECT_LE(end(3), 1.5);
}

}  // namespace
}  // namespace blasx::device::sim
