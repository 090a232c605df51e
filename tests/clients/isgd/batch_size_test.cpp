// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/batch_size.hpp"

#include <gtest/gtest.h>

namespace {

TEST(BatchSize, IterationsToALossOfOneTenth) {
  EXPECT_NEAR(isgd::iterations(16, 0.1), 21.6259, 5e-5);
  EXPECT_NEAR(isgd::iterations(64, 0.1), 14.8106, 5e-5);
  EXPECT_NEAR(isgd::iterations(256, 0.1), 12.1814, 5e-5);
}

TEST(BatchSize, BestForTheDesignsMachines) {
  EXPECT_EQ(isgd::best_batch({1000, 0.001}, 0.1), 3);
  EXPECT_EQ(isgd::best_batch({1000, 0.01}, 0.1), 9);
  EXPECT_EQ(isgd::best_batch({1000, 0.1}, 0.1), 35);
  EXPECT_EQ(isgd::best_batch({1000, 1}, 0.1), 148);
  EXPECT_EQ(isgd::best_batch({1000, 0}, 0.1), 1);
}

TEST(BatchSize, NoOtherIsFaster) {
  const isgd::Machine machine{1000, 0.03};
  const int64_t best = isgd::best_batch(machine, 0.05);
  for (int64_t batch = 1; batch < 5000; ++batch)
    EXPECT_GE(isgd::seconds(machine, batch, 0.05), isgd::seconds(machine, best, 0.05)) << batch;
}

TEST(BatchSize, MachineFromTwoTimings) {
  const isgd::Machine machine = isgd::machine_of(16, 16 / 500.0 + 0.02, 64, 64 / 500.0 + 0.02);
  EXPECT_NEAR(machine.images_per_s, 500, 1e-9);
  EXPECT_NEAR(machine.synchronisation_s, 0.02, 1e-12);
}

}  // namespace
