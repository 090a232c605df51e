// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "blasx/device/sim/machine_file.hpp"
#include "blasx/device/sim/routes.hpp"
#include "blasx/tools/machine/file.hpp"
#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {
namespace {

Measured some() {
  Measured measured;
  measured.curves = {{Type::D, 0, {{64, {20.5, 18.5}}, {512, {50.25, 48.25}}}},
                     {Type::D, 5, {{64, {10, 9}}, {512, {30, 28}}}}};
  measured.copy_bytes_per_s[static_cast<size_t>(Way::In)] = 8.12345e9;
  measured.copy_bytes_per_s[static_cast<size_t>(Way::Out)] = 9e9;
  measured.copy_bytes_per_s[static_cast<size_t>(Way::Peer)] = 17e9;
  measured.all_copies_bytes_per_s = 12e9;
  measured.operation_us = 1.5;
  measured.operation_wait_us = 40;
  measured.round_trip_us = 20;
  return measured;
}

DescribedMachine two_and_the_processor() {
  DescribedMachine machine;
  machine.name = "m";
  machine.description = "d";
  machine.source = "s";
  machine.cores = 2;
  machine.streams = 3;
  machine.devices = {{"host:0", 1000000, 1, 0}, {"host:1", 1000000, 1, 0}, {"cpu", 0, 2, 0}};
  return machine;
}

TEST(MachineFile, IsReadBackAsItWasMeasured) {
  const auto machine =
      device::sim::parse_machine(machine_file(two_and_the_processor(), some()), "written");
  ASSERT_TRUE(machine) << machine.error().message();
  ASSERT_EQ(machine->devices.size(), 3U);
  EXPECT_EQ(machine->cores, 2);
  const auto& host = machine->kind_of(0);
  EXPECT_FALSE(host.at_home);
  EXPECT_EQ(host.memory_bytes, 1000000);
  EXPECT_EQ(host.streams, 3);
  EXPECT_EQ(host.copy_in_bytes_per_s, 8.123e9);
  EXPECT_EQ(host.copy_out_bytes_per_s, 9e9);
  EXPECT_EQ(host.copy_peer_bytes_per_s, 17e9);
  EXPECT_EQ(host.launch_us, 1.5);
  const auto& rates = host.rates[static_cast<size_t>(Type::D)];
  ASSERT_EQ(rates[0].size(), 2U);
  EXPECT_EQ(rates[0][1].gflops, 50.25);
  EXPECT_EQ(rates[5][0].gflops, 10);
  EXPECT_EQ(rates[3][1].gflops, 50.25);  // what has no rate of its own counts as gemm
  const auto& cpu = machine->kind_of(2);
  EXPECT_TRUE(cpu.at_home);
  EXPECT_EQ(cpu.units, 2);
  EXPECT_EQ(cpu.launch_us, 20);
  const auto gemm_at_512 = [&](size_t device) {
    return machine->kind_of(device).rates[static_cast<size_t>(Type::D)][0][1].gflops;
  };
  EXPECT_EQ(gemm_at_512(1), 48.25);  // of the next core
  EXPECT_EQ(gemm_at_512(2), 49.25);  // of both
  const device::sim::Routes routes(*machine);
  EXPECT_EQ(routes.way(0, 1).bytes_per_s, 8.123e9);
  EXPECT_EQ(routes.way(1, 0).bytes_per_s, 9e9);
  EXPECT_EQ(routes.way(1, 2).bytes_per_s, 17e9);
  for (const auto& [from, to] : {std::pair<size_t, size_t>{0, 1}, {1, 0}, {1, 2}})
    EXPECT_DOUBLE_EQ(routes.way(from, to).latency_s, 40e-6) << from << " to " << to;
  EXPECT_TRUE(machine->peers[0][1]);
  EXPECT_FALSE(machine->peers[0][2]);
}

TEST(MachineFile, KeepsALinkThatWasSet) {
  DescribedMachine machine = two_and_the_processor();
  machine.devices[1].link_bytes_per_s = 1e9;
  const auto read = device::sim::parse_machine(machine_file(machine, some()), "written");
  ASSERT_TRUE(read) << read.error().message();
  const device::sim::Routes routes(*read);
  EXPECT_EQ(routes.way(0, 1).bytes_per_s, 8.123e9);
  EXPECT_EQ(routes.way(0, 2).bytes_per_s, 1e9);
  EXPECT_GT(routes.way(2, 1).bytes_per_s, routes.way(0, 1).bytes_per_s / 8);
}

TEST(Measure, MeasuresWhatItIsAskedFor) {
  Measuring what;
  what.threads = 2;
  what.types = {Type::D, Type::C};
  what.families = {0, 5};
  what.edges = {16, 48};
  what.rounds = 1;
  double done = 0;
  what.progress = [&](double part) {
    EXPECT_GT(part, done);
    done = part;
  };
  const Measured measured = measure(what);
  EXPECT_DOUBLE_EQ(done, 1);
  ASSERT_EQ(measured.curves.size(), 4U);
  for (const Curve& curve : measured.curves) {
    ASSERT_EQ(curve.points.size(), 2U);
    EXPECT_EQ(curve.points[1].first, 48);
    for (const auto& [edge, by_core] : curve.points) {
      ASSERT_EQ(by_core.size(), 2U);
      for (const double gflops : by_core) {
        EXPECT_GT(gflops, 0.001);
        EXPECT_LT(gflops, 1000);
      }
    }
  }
  for (const double rate : measured.copy_bytes_per_s) EXPECT_GT(rate, 1e7);
  EXPECT_GT(measured.all_copies_bytes_per_s, 1e7);
  EXPECT_GT(measured.operation_us, 0);
  EXPECT_GT(measured.operation_wait_us, 0);
  EXPECT_GT(measured.round_trip_us, 0);
}

}  // namespace
}  // namespace blasx::tools
