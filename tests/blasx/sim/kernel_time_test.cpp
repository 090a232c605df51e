// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/kernel_time.hpp"

#include <gtest/gtest.h>

#include "tests/blasx/sim/machines.hpp"

namespace blasx::device::sim {
namespace {

TEST(KernelTime, KernelsAreCountedAsTheirRoutines) {
  const Machine machine = plain_machine(1, false);
  tile::Step step;
  step.m = step.n = step.k = 100;
  step.kernel = tile::Kernel::Gemm;
  EXPECT_DOUBLE_EQ(kernel_seconds(machine.kinds[0], Type::D, step), 2e6 / 1e9);
  EXPECT_DOUBLE_EQ(kernel_seconds(machine.kinds[0], Type::Z, step), 8e6 / 1e9);
  step.kernel = tile::Kernel::Trsm;
  EXPECT_DOUBLE_EQ(kernel_seconds(machine.kinds[0], Type::D, step), 1e6 / 1e9);
  step.kernel = tile::Kernel::Syrk;
  EXPECT_DOUBLE_EQ(kernel_seconds(machine.kinds[0], Type::D, step), 101e4 / 1e9);
  step.kernel = tile::Kernel::Gemmt;  // all of the private block
  EXPECT_DOUBLE_EQ(kernel_seconds(machine.kinds[0], Type::D, step), 2e6 / 1e9);
}

TEST(KernelTime, ATransposedBHasItsRate) {
  Machine machine = plain_machine(1, false);
  auto& rates = machine.kinds[0].rates[static_cast<size_t>(Type::D)];
  rates[static_cast<size_t>(Family::GemmNt)] = {{1e-9, 0.5}};
  const auto seconds = [&](tile::Kernel kernel, Op trans_a, Op trans_b) {
    tile::Step step;
    step.kernel = kernel;
    step.m = step.n = step.k = 100;
    step.trans_a = trans_a;
    step.trans_b = trans_b;
    return kernel_seconds(machine.kinds[0], Type::D, step);
  };
  EXPECT_DOUBLE_EQ(seconds(tile::Kernel::Gemm, Op::NoTrans, Op::NoTrans), 2e-3);
  EXPECT_DOUBLE_EQ(seconds(tile::Kernel::Gemm, Op::NoTrans, Op::Trans), 4e-3);
  EXPECT_DOUBLE_EQ(seconds(tile::Kernel::Gemmt, Op::NoTrans, Op::ConjTrans), 4e-3);
  EXPECT_DOUBLE_EQ(seconds(tile::Kernel::Gemm, Op::Trans, Op::NoTrans), 2e-3);
  EXPECT_DOUBLE_EQ(seconds(tile::Kernel::Gemm, Op::Trans, Op::Trans), 2e-3);
}

TEST(KernelTime, LaunchComesOnTop) {
  Machine machine = plain_machine(1, false);
  machine.kinds[0].launch_us = 10;
  tile::Step step;
  step.m = step.n = step.k = 100;
  EXPECT_DOUBLE_EQ(kernel_seconds(machine.kinds[0], Type::D, step), 2e6 / 1e9 + 10e-6);
}

TEST(KernelTime, InCoreIsTheBestOfAllUnits) {
  Machine machine = plain_machine(1, false);
  machine.kinds[0].units = 3;
  machine.kinds[0].rates[static_cast<size_t>(Type::D)][0] = {{10, 5}, {20, 7}, {30, 6}};
  EXPECT_DOUBLE_EQ(in_core_gflops(machine.kinds[0], Type::D), 21);
}

}  // namespace
}  // namespace blasx::device::sim
