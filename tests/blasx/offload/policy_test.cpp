// SPDX-License-Identifier: Apache-2.0
// The table of decisions, one line a rule; and that the gate never hides a call that choose() would not leave on the host.
#include "blasx/offload/policy.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace blasx::offload {
namespace {

BlasCall gemm(int64_t n) {
  BlasCall call;
  call.m = call.n = call.k = n;
  return call;
}

Situation with_tiles() {
  Situation s;
  s.cpu_tiles = true;
  s.rates = {1e9, 2e9};
  s.machine = {.cores = 2, .call_overhead_s = 1e-4};
  return s;
}

Situation with_devices() {
  Situation s = with_tiles();
  s.devices_named = true;
  s.machine.devices = 2;
  return s;
}

void expect(const Choice& choice, Where where, Reason reason) {
  EXPECT_EQ(choice.where, where);
  EXPECT_STREQ(reason_key(choice.reason), reason_key(reason));
}

TEST(Choose, TheFasterWay) {
  Situation s = with_tiles();
  expect(choose(gemm(1000), s), Where::Cpu, Reason::TilesFaster);
  expect(choose(gemm(10), s), Where::Host, Reason::HostFaster);
  s.rates = {2e9, 1e9};
  expect(choose(gemm(1000), s), Where::Host, Reason::HostFaster);
}

TEST(Choose, NothingRunsAsTilesInAChildOrAtExitOrFromInside) {
  for (const auto& [flag, reason] : {std::pair{&Situation::forked, Reason::AfterFork},
                                     {&Situation::nested, Reason::NestedCall},
                                     {&Situation::exiting, Reason::ExitUnderWay}}) {
    Situation s = with_devices();
    s.threshold = 0;
    s.*flag = true;
    expect(choose(gemm(1000), s), Where::Host, reason);
  }
}

TEST(Choose, AThresholdRules) {
  Situation s = with_tiles();
  s.rates = {2e9, 1e9};
  s.threshold = 2e6;
  expect(choose(gemm(100), s), Where::Cpu, Reason::ThresholdMet);
  expect(choose(gemm(99), s), Where::Host, Reason::BelowThreshold);
  s.threshold = 0;
  BlasCall nothing = gemm(5);
  nothing.alpha = 0.0;
  expect(choose(nothing, s), Where::Cpu, Reason::ThresholdMet);
  s.machine.devices = 1;
  expect(choose(gemm(1), s), Where::Devices, Reason::ThresholdMet);
}

TEST(Choose, ACallThatMultipliesNothingStaysOnTheHost) {
  BlasCall call = gemm(10000);
  call.alpha = 0.0;
  expect(choose(call, with_tiles()), Where::Host, Reason::Degenerate);
  call = gemm(10000);
  call.k = 0;
  expect(choose(call, with_tiles()), Where::Host, Reason::Degenerate);
  call.m = 0;
  Situation s = with_tiles();
  s.threshold = 0;
  expect(choose(call, s), Where::Host, Reason::Degenerate);
}

TEST(Choose, NamedDevicesTakeWhatIsLarge) {
  expect(choose(gemm(1000), with_devices()), Where::Devices, Reason::DevicesAsked);
  expect(choose(gemm(100), with_devices()), Where::Host, Reason::BelowThreshold);
}

TEST(Choose, WithoutTilesTheHost) {
  Situation s = with_tiles();
  s.cpu_tiles = false;
  s.threshold = 0;
  expect(choose(gemm(1000), s), Where::Host, Reason::NoDevices);
}

TEST(Choose, ABusyRuntimeIsWaitedForOnlyWhileThatIsFaster) {
  Situation s = with_tiles();  // host 2 s, tiles 1 s; while busy 4 s
  s.wait_seconds = 1;
  expect(choose(gemm(1000), s), Where::Cpu, Reason::TilesFaster);
  s.wait_seconds = 10;
  expect(choose(gemm(1000), s), Where::Host, Reason::Busy);
  s.rates.cpu = 1e8;
  expect(choose(gemm(1000), s), Where::Host, Reason::HostFaster);
}

TEST(Gate, OfEachSituation) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  Situation s = with_tiles();
  EXPECT_GT(gate_operations(s), 0);
  EXPECT_LT(gate_operations(s), kNever);
  s.threshold = 12345;
  EXPECT_EQ(gate_operations(s), 12345);
  s.watched = true;
  EXPECT_EQ(gate_operations(s), 0);
  s = with_tiles();
  s.forked = true;
  EXPECT_EQ(gate_operations(s), kNever);
  s = with_tiles();
  s.cpu_tiles = false;
  EXPECT_EQ(gate_operations(s), kNever);
  s = with_tiles();
  s.rates = {2e9, 1e9};
  EXPECT_EQ(gate_operations(s), kNever);
  EXPECT_EQ(gate_operations(with_devices()), kNamedDevicesFrom);
}

TEST(Gate, HidesNoCallThatWouldRunAsTiles) {
  std::mt19937_64 random(3);
  const auto some = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int i = 0; i < 20000; ++i) {
    Situation s = with_tiles();
    s.rates = {some(1e9, 1e11), some(1e9, 1e11)};
    s.machine.call_overhead_s = some(1e-6, 1e-3);
    s.cpu_tiles = some(0, 1) < 0.8;
    if (some(0, 1) < 0.3) s.threshold = some(0, 1e9);
    if (some(0, 1) < 0.3) s.machine.devices = 1, s.devices_named = some(0, 1) < 0.5;
    if (s.machine.devices > 0 && !s.devices_named) s.machine.device_rate = some(1e9, 1e12);
    const BlasCall call = gemm(static_cast<int64_t>(some(1, 2000)));
    const Choice choice = choose(call, s);
    if (choice.where != Where::Host) {
      ASSERT_GE(operation_count(call), gate_operations(s) * (1 - 1e-12)) << i;
    }
  }
}

// Found, not named: 1 s in open devices, 8 s on the host, behind 10 s of opening.
Situation with_closed_gpus() {
  Situation s;
  s.rates = {1e9, 0};
  s.machine.devices = 1;
  s.machine.device_rate = 8e9;
  s.machine.opening_s = 10;
  return s;
}

TEST(Opening, IsPaidByTheCallThatWantsIt) {
  BlasCall call;
  call.m = call.n = 2000;
  call.k = 1000;  // 8e9 operations
  Situation s = with_closed_gpus();
  const Choice closed = choose(call, s);
  expect(closed, Where::Host, Reason::HostFaster);
  EXPECT_NEAR(lost_to_opening(closed, s), 7, 1e-9);
  s.machine.opening_s = 5;  // others have paid half of it
  const Choice opens = choose(call, s);
  expect(opens, Where::Devices, Reason::TilesFaster);
  EXPECT_EQ(lost_to_opening(opens, s), 0);
}

TEST(Opening, IsNotMissedWhereDevicesWouldNotGain) {
  BlasCall call;
  call.m = call.n = call.k = 1000;
  Situation s = with_closed_gpus();
  s.rates.host = 9e9;
  EXPECT_EQ(lost_to_opening(choose(call, s), s), 0);
  s.machine.opening_s = 0;
  EXPECT_EQ(lost_to_opening(choose(call, s), s), 0);
}

TEST(Opening, DoesNotMoveTheGate) {
  Situation s = with_closed_gpus();
  const double closed = gate_operations(s);
  s.machine.opening_s = 0;
  EXPECT_EQ(gate_operations(s), closed) << "or calls that would pay for opening were never seen";
}

}  // namespace
}  // namespace blasx::offload
