// SPDX-License-Identifier: Apache-2.0
// For suites that run on the stand-in or on a real GPU (NN_TEST_GPU_IS_REAL): where there is none of these they are skipped.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "clients/nn/error.hpp"
#include "clients/nn/sets/layer_sets.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (std::getenv("NN_TEST_GPU_IS_REAL") != nullptr) {
    try {
      (void)nn::layers_on("cuda:0", {});
    } catch (const nn::Error& error) {
      std::printf("skipped: %s\n", error.what());
      constexpr int kSkipped = 77;
      return kSkipped;
    }
  }
  return RUN_ALL_TESTS();
}
