// SPDX-License-Identifier: Apache-2.0
// A Runtime on the stand-in and calls through it, checked against the reference; warnings are kept for the test to read.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "blasx/runtime/runtime.hpp"
#include "tests/support/call_case.hpp"
#include "tests/support/gpus.hpp"
#include "tests/support/stand_in.hpp"

namespace blasx::cuda_test {

inline constexpr int64_t kTile = 16;
inline constexpr int64_t kSide = 3 * kTile + 5;
inline constexpr int64_t kArena = int64_t{1} << 17;  // some dozen tiles

// Options with these GPUs and nothing else; the processor stands in only when they are lost.
runtime::Options options(const std::vector<int32_t>& numbers);
BlasCall shape_of(Routine routine, int64_t side = kSide);

class OnStandIn : public testing::Test {
 protected:
  OnStandIn();
  ~OnStandIn() override;

  // Fails the test unless the result is right.
  static runtime::CallReport run(runtime::Runtime& runtime, const BlasCall& shape,
                                 uint64_t seed = 1);
  int64_t warnings_with(const std::string& text) const;
  // Tasks that devices named "cuda..." did.
  static int64_t gpu_tasks(const runtime::CallReport& report);

  support::StandIn stand_in;
  std::vector<std::string> warnings;
};

}  // namespace blasx::cuda_test
