// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/run.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "blasx/runtime/sim/best_tile.hpp"
#include "tests/blasx/sim/requests.hpp"

namespace blasx::runtime::sim {
namespace {

using device::sim::Machine;
using device::sim::plain_machine;

// One tile of 1000 x 1000 doubles is 8 MB, 8 ms on the link; its kernel 2 GFLOP, 2 s. A, then B, then the kernel, then C.
TEST(Run, OneTileByHand) {
  const auto outcome = run(plain_machine(1, false), request("dgemm", 1000, 1000, 1));
  ASSERT_TRUE(outcome);
  EXPECT_NEAR(outcome->seconds, 2 * 0.008 + 2 + 0.008, 1e-9);
  EXPECT_EQ(outcome->traffic.home_to_device_bytes, 16'000'000);
  EXPECT_EQ(outcome->traffic.device_to_home_bytes, 8'000'000);
  EXPECT_EQ(outcome->traffic.misses, 2);
  EXPECT_NEAR(outcome->devices[0].busy_s, 2, 1e-9);
  EXPECT_NEAR(outcome->gflops(), 2 / 2.024, 1e-9);
  EXPECT_NEAR(outcome->in_core_gflops, 1, 1e-9);
}

// n = 2000 in tiles of 1000, one stream: four tasks of two steps, 16 s of kernels one after another. All that is not
// hidden is the first A and B before the first kernel and the last store after the last.
TEST(Run, FourTilesByHand) {
  Request r = request("dgemm", 2000, 1000, 1);
  r.streams = 1;
  const auto outcome = run(plain_machine(1, false), r);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->traffic.home_to_device_bytes, 8 * 8'000'000);  // every tile of A and B once
  EXPECT_EQ(outcome->traffic.level1_hits, 8);
  // After each task's last kernel the stream asks for its next task, whose inputs come then: what it has not is waited for.
  EXPECT_GE(outcome->seconds, 16 + 0.016 + 0.008 - 1e-9);
  EXPECT_LE(outcome->seconds, 16 + 4 * 0.016 + 0.008 + 1e-9);
}

// A 2 x 1 column of C on two devices: both want the same B; the second gets it from the first.
TEST(Run, TwoDevicesShareATileByHand) {
  Request r = request("dgemm", 1000, 1000, 2);
  r.call.m = 2000;
  const auto outcome = run(plain_machine(2, true), r);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->traffic.home_to_device_bytes, 24'000'000);
  EXPECT_EQ(outcome->traffic.device_to_device_bytes, 8'000'000);
  EXPECT_EQ(outcome->traffic.level2_hits, 1);
  // The second has its A at 8 ms and waits for B, which the first has at 16 ms, for 4 ms more.
  EXPECT_NEAR(outcome->devices[0].last_s, 0.016 + 2 + 0.008, 1e-9);
  EXPECT_NEAR(outcome->devices[1].last_s, 0.016 + 0.004 + 2 + 0.008, 1e-9);
}

TEST(Run, RepeatsToTheLastDigit) {
  const Machine machine = plain_machine(3, true, 40 * 8e4);
  for (const char* family : kFamilies) {
    Request r = request(family, 1500, 100, 3);
    r.noise = {42, 0.3, 0.1};
    const auto first = run(machine, r), second = run(machine, r);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->seconds, second->seconds) << family;
    EXPECT_EQ(first->traffic.home_to_device_bytes, second->traffic.home_to_device_bytes);
    for (size_t d = 0; d < 3; ++d) {
      EXPECT_EQ(first->devices[d].busy_s, second->devices[d].busy_s);
      EXPECT_EQ(first->devices[d].last_s, second->devices[d].last_s);
    }
    r.noise.seed = 43;
    EXPECT_NE(run(machine, r)->seconds, first->seconds) << family;
  }
}

// What the lanes carried is what the scheduler says was moved, and every output went home once.
TEST(Run, BytesAreConserved) {
  for (const PolicyKind policy : kPolicies) {
    for (const char* family : kFamilies) {
      SCOPED_TRACE(std::string(family) + " " + policy_name(policy));
      Request r = request(family, 1700, 200, 2);
      r.policy = policy;
      const auto outcome = run(plain_machine(2, true, 30 * 32e4), r);
      ASSERT_TRUE(outcome);
      EXPECT_EQ(outcome->committed, outcome->tasks);
      int64_t out_of_home = 0, into_home = 0, switched = 0;
      for (const LaneUse& lane : outcome->lanes) {
        if (lane.from == "home") out_of_home += lane.bytes;
        if (lane.to == "home") into_home += lane.bytes;
        if (lane.to == "switch") switched += lane.bytes;
      }
      EXPECT_EQ(out_of_home, outcome->traffic.home_to_device_bytes);
      EXPECT_EQ(into_home, outcome->traffic.device_to_home_bytes);
      EXPECT_EQ(switched, outcome->traffic.device_to_device_bytes);
      double operations = 0;
      for (const DeviceUse& use : outcome->devices) operations += use.operations;
      EXPECT_NEAR(operations / outcome->operations, 1, 1e-9);
    }
  }
}

TEST(Run, SpansTellTheWholeStory) {
  Request r = request("dtrsm", 1000, 200, 2);
  r.keep_spans = true;
  const auto outcome = run(plain_machine(2, true), r);
  ASSERT_TRUE(outcome);
  double busy = 0;
  int64_t in = 0, out = 0;
  for (const Span& span : outcome->spans) {
    EXPECT_LE(span.start_s, span.end_s);
    EXPECT_LE(span.end_s, outcome->seconds);
    if (span.kind == Span::Kind::Compute) busy += span.end_s - span.start_s;
    if (span.kind == Span::Kind::Fetch) in += span.bytes;
    if (span.kind == Span::Kind::Store) out += span.bytes;
  }
  EXPECT_NEAR(busy, outcome->devices[0].busy_s + outcome->devices[1].busy_s, 1e-9);
  EXPECT_EQ(in, outcome->traffic.home_to_device_bytes);
  EXPECT_EQ(out, outcome->traffic.device_to_home_bytes);
}

TEST(Run, TheProcessorWorksAtHome) {
  Machine machine = plain_machine(1, false);
  device::sim::DeviceKind cpu = machine.kinds[0];
  cpu.at_home = true;
  cpu.units = cpu.streams = 2;
  machine.kinds.push_back(cpu);
  machine.devices.push_back({"cpu", 1});
  machine.nodes.insert(machine.nodes.begin() + 2, "cpu");
  machine.peers.assign(2, {false, false});
  Request r = request("dgemm", 1200, 100, 2);
  const auto outcome = run(machine, r);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->committed, outcome->tasks);
  EXPECT_GT(outcome->devices[1].tasks, outcome->devices[0].tasks);
  EXPECT_NEAR(outcome->in_core_gflops, 3, 1e-9);
  EXPECT_GT(outcome->gflops(), 2.7);
  r.devices = {1};
  EXPECT_NEAR(run(machine, r)->gflops(), 2, 1e-6);
}

TEST(Run, BestTileIsNoWorseThanAny) {
  Machine machine = plain_machine(2, true);
  machine.kinds[0].rates[static_cast<size_t>(Type::D)][0] = {{256, 50}, {2048, 200}};
  Request r = request("dgemm", 4096, 0, 2);
  r.tile.reset();
  r.keep_spans = true;
  const auto best = run_best_tile(machine, r);
  ASSERT_TRUE(best);
  EXPECT_FALSE(best->spans.empty());
  for (const int64_t edge : {256, 512, 1024, 2048, 4096}) {
    r.tile = edge;
    EXPECT_LE(best->seconds, run(machine, r)->seconds) << edge;
  }
}

TEST(Run, SaysWhatTheMachineLacks) {
  Machine machine = plain_machine(1, false);
  machine.kinds[0].rates[static_cast<size_t>(Type::S)][0].clear();
  const auto outcome = run(machine, request("sgemm", 100, 10, 1));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message(), "plain: kinds.gpu.rates: none for precision s");
  EXPECT_FALSE(run(plain_machine(1, false, 100), request("dgemm", 100, 10, 1)));
  EXPECT_FALSE(run(machine, request("dgemm", 100, 10, 0)));
}

}  // namespace
}  // namespace blasx::runtime::sim
