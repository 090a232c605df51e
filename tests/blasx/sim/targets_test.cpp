// SPDX-License-Identifier: Apache-2.0
// What the scheduler is held to on machines nobody here owns: speed-up, bytes moved, balance. A miss is a fault of the
// scheduler, the cache or the machine file.
#include <gtest/gtest.h>

#include <ctime>

#include "blasx/device/sim/machine_file.hpp"
#include "tests/blasx/sim/requests.hpp"

namespace blasx::runtime::sim {
namespace {

using device::sim::Machine;

constexpr int64_t kSizes[] = {16384, 20480, 24576, 28672, 32768, 36864, 40960};
constexpr const char* kSix[] = {"gemm", "syrk", "syr2k", "symm", "trmm", "trsm"};

Machine machine(const std::string& name) {
  return device::sim::read_machine(std::string(BLASX_MACHINES) + "/" + name + ".json").value();
}

Outcome outcome(const Machine& machine, const std::string& routine, int64_t n, int devices) {
  Request r = request(routine.c_str(), n, 0, devices);
  r.tile.reset();
  return run(machine, r).value();
}

TEST(Targets, SpeedUpOfThreeOnEverest) {
  const Machine everest = machine("everest");
  for (const std::string family : kSix) {
    const std::string routine = "d" + family;
    const double alone = outcome(everest, routine, 16384, 1).seconds;
    EXPECT_GE(alone / outcome(everest, routine, 16384, 3).seconds, 2.85) << routine;
  }
}

TEST(Targets, SpeedUpOfEightH200) {
  const Machine h200 = machine("h200-8");
  const double alone = outcome(h200, "dgemm", 65536, 1).seconds;
  const Outcome all = outcome(h200, "dgemm", 65536, 8);
  EXPECT_GE(alone / all.seconds, 7.6);
  EXPECT_GE(all.gflops(), 0.95 * all.in_core_gflops);  // and not because one is slow
}

TEST(Targets, HostTrafficNearTheLeast) {
  for (const auto& [name, devices] : {std::pair{"everest", 3}, {"makalu", 4}, {"h200-8", 8}}) {
    for (const int64_t n : {16384, 24576, 40960}) {
      const Outcome o = outcome(machine(name), "dgemm", n, devices);
      EXPECT_LE(o.host_bytes(), 1.5 * o.least_host_bytes) << name << " " << n;
    }
  }
  // Memory for a sixth of what is read.
  const Outcome scarce = outcome(machine("everest"), "dgemm", 65536, 1);
  EXPECT_LE(scarce.host_bytes(), 1.5 * scarce.least_host_bytes);
}

// With memory for 1/8 of the matrices an H200 works on four blocks of C, one after another. Arithmetic goes on while one leaves and the
// next one comes, and each brings its tiles once.
TEST(Targets, BlocksOfCFollowEachOtherWithoutAPause) {
  const int64_t n = 16384, elements = n * n;
  Machine h200 = machine("h200");
  for (const bool beta : {false, true}) {
    Request r = request("dgemm", n, 0, 1);
    r.tile.reset();
    r.call.beta = beta ? 1.0 : 0.0;
    h200.kinds[0].memory_bytes = 134e9;
    const double all = run(h200, r).value().seconds;
    h200.kinds[0].memory_bytes = static_cast<double>(3 * elements);  // bytes: 1/8 of all
    const Outcome capped = run(h200, r).value();
    EXPECT_GE(all / capped.seconds, beta ? 0.77 : 0.86);
    const auto least = static_cast<double>((2 + 2 + (beta ? 1 : 0)) * elements * 8);
    EXPECT_LE(static_cast<double>(capped.traffic.home_to_device_bytes), 1.02 * least);
  }
}

// Less memory costs little down to where the link sets the limit, and more is not slower: not even where keeping rows of A would
// fetch less, since each band would begin by waiting for them.
TEST(Targets, MoreMemoryIsNotSlower) {
  Machine h200 = machine("h200");
  const auto seconds = [&](int64_t n, double bytes) {
    h200.kinds[0].memory_bytes = bytes;
    return outcome(h200, "dgemm", n, 1).seconds;
  };
  for (const int64_t n : {16384, 24576, 32768}) {
    const double all = seconds(n, 134e9), matrices = 3.0 * 8 * static_cast<double>(n * n);
    for (const int part : {2, 3, 4, 6}) {
      EXPECT_GE(all / seconds(n, matrices / part), 0.97) << n << ", 1/" << part;
    }
    EXPECT_GE(all / seconds(n, matrices / 8), 0.88) << n;
    if (n > 16384) {
      EXPECT_GE(all / seconds(n, matrices / 16), 0.94) << n;
    }
  }
}

// A little faster, and a kernel begins more slowly: C's tiles have to be large, and what is read thin.
TEST(Targets, LittleMemoryCostsAnH100Little) {
  Machine h100 = machine("h100-8");
  const double all = outcome(h100, "dgemm", 16384, 1).seconds;
  h100.kinds[0].memory_bytes = 3.0 * 16384 * 16384;
  EXPECT_GE(all / outcome(h100, "dgemm", 16384, 1).seconds, 0.86);
}

// Triangles and chains have blocks too: n = 16384, with memory for a part of three matrices.
TEST(Targets, LittleMemoryCostsNoFamilyMuch) {
  Machine h200 = machine("h200");
  const auto seconds = [&](const std::string& family, double bytes) {
    h200.kinds[0].memory_bytes = bytes;
    return outcome(h200, "d" + family, 16384, 1).seconds;
  };
  const double matrices = 3.0 * 8 * 16384 * 16384;
  struct Parts {
    const char* family;
    double quarter, eighth;
  };
  constexpr Parts kParts[] = {{"syrk", 0.95, 0.88}, {"syr2k", 0.95, 0.92}, {"gemmt", 0.84, 0.81},
                              {"symm", 0.95, 0.85}, {"trmm", 0.9, 0.82},   {"trsm", 0.94, 0.79}};
  for (const Parts& parts : kParts) {
    const double all = seconds(parts.family, 134e9);
    EXPECT_GE(all / seconds(parts.family, matrices / 4), parts.quarter) << parts.family;
    EXPECT_GE(all / seconds(parts.family, matrices / 8), parts.eighth) << parts.family;
  }
}

// A block is begun as a whole, also where other devices look for work: what they left of it would fetch its tiles again.
TEST(Targets, TwoCardsKeepTheirBlocks) {
  const int64_t n = 32768;
  Machine cards = machine("rtx4090-2");
  cards.kinds[0].memory_bytes = static_cast<double>(n * n * 2);  // a sixth of the matrices
  const Outcome o = outcome(cards, "sgemm", n, 2);
  // Four square blocks of C, each of which reads half of A and half of B.
  const double least = 4 * static_cast<double>(n * n * 4);
  EXPECT_LE(static_cast<double>(o.traffic.home_to_device_bytes), 1.02 * least);
}

// Who has done his own block leaves the other's tasks to him, though there is room for them.
TEST(Targets, TwoCardsShareATriangle) {
  Machine cards = machine("rtx4090-2");
  cards.kinds[0].memory_bytes = 1.5 * 16384 * 16384 * 4;
  const Outcome o = outcome(cards, "sgemmt", 16384, 2);
  for (const DeviceUse& use : o.devices) EXPECT_GE(use.operations, 0.35 * o.operations);
}

// Of the solved rows of each chain few are fetched twice: the cache keeps them while the triangle streams past.
TEST(Targets, SolvesKeepTheirChains) {
  const Outcome o = outcome(machine("everest"), "dtrsm", 65536, 3);
  // The triangle once for each of two groups, B once, and a quarter more.
  EXPECT_LE(static_cast<double>(o.traffic.home_to_device_bytes), 1.75 * 65536.0 * 65536.0 * 8 * 2);
}

// A second of simulated work must not take seconds: processor time, for the machine may be busy.
TEST(Targets, SimulatingALargeCallIsQuick) {
  Request r = request("dgemm", 65536, 2048, 8);
  const Machine h200 = machine("h200-8");
  const std::clock_t start = std::clock();
  EXPECT_EQ(run(h200, r).value().tasks, 32 * 32);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 5);
}

TEST(Targets, UnequalCardsEndTogether) {
  const Machine makalu = machine("makalu");
  for (const std::string family : kSix) {
    for (const int64_t n : kSizes) {
      const double spread = outcome(makalu, "s" + family, n, 4).finish_spread();
      EXPECT_LE(spread, 0.03) << "s" << family << " " << n;
    }
  }
}

// In double precision a Titan X is six times slower than a K40: its part of C is cut finer.
TEST(Targets, VeryUnequalCardsEndTogether) {
  const Machine makalu = machine("makalu");
  for (const std::string family : kSix) {
    for (const int64_t n : kSizes) {
      const double spread = outcome(makalu, "d" + family, n, 4).finish_spread();
      EXPECT_LE(spread, 0.03) << "d" << family << " " << n;
    }
  }
}

// Slow cards are there to help: with them the call is done sooner than without, nearly as fast as all kernels allow.
TEST(Targets, SlowCardsHelp) {
  const Machine makalu = machine("makalu");
  for (const std::string family : kSix) {
    const double pair = outcome(makalu, "d" + family, 16384, 2).seconds;
    const Outcome all = outcome(makalu, "d" + family, 16384, 4);
    EXPECT_LE(all.seconds, 0.92 * pair) << family;
    EXPECT_GE(all.gflops(), 0.93 * all.in_core_gflops) << family;
  }
}

// Who has chains of its own leaves others' alone: what they read is elsewhere.
TEST(Targets, ChainsStayWithTheirDevices) {
  const Outcome o = outcome(machine("a100-pcie-8"), "dtrsm", 16384, 8);
  EXPECT_GE(o.gflops(), 50000);
}

// The members of a chain differ in work. Who waited for a small one, because a large one would make it straggle, would hold up
// all that come after.
TEST(Targets, NobodyWaitsForASmallMemberOfAChain) {
  const Outcome o = outcome(machine("makalu"), "dtrmm", 16384, 4);
  EXPECT_GE(o.gflops(), 0.92 * o.in_core_gflops);
}

// Of four rows of tiles the diagonal's count half: each of two devices has four tiles' work if the last go where less is left.
TEST(Targets, FewTilesOfATriangleEndTogether) {
  for (const int64_t tiles : {4, 6}) {
    Request r = request("dsyrk", 500 * tiles, 500, 2);
    const Outcome o = run(device::sim::plain_machine(2, true), r).value();
    EXPECT_LE(o.seconds * 2e9, 1.01 * o.operations) << tiles;
    EXPECT_LE(o.finish_spread(), 0.01) << tiles;
  }
}

}  // namespace
}  // namespace blasx::runtime::sim
