// SPDX-License-Identifier: Apache-2.0
// Trains under a plan, if wanted beside a twin that keeps everything: the same losses to the bit, and
// what the plan costs in time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/memsched/plan/planner.hpp"
#include "clients/nn/run/compiled.hpp"

namespace memsched {

struct Training {
  int64_t steps = 20;
  double rate = 0.01;
  uint64_t seed = 1;
  bool compare = false;  // with the twin; its steps and ours take turns
};

struct Report {
  std::vector<double> losses;
  double seconds = 0;                            // of a step, the median
  double twin_seconds = 0;                       // of the twin's; 0 without one
  double ratio = 0;                              // median of the ratios of neighbouring steps
  int64_t high_water_bytes = 0, peak_bytes = 0;  // as the executor measured them
  std::optional<int64_t> differs_at;             // first step whose loss is not the twin's
};

// The network compiled for a device, as nn::layers_on takes it. `convolution`: gemm, direct or winograd, and then that algorithm alone, so that
// all plans have the same bits; auto: all of them. Times are measured.
nn::Compiled compile_for(const nn::graph::Network& network, const std::string& device,
                         const std::string& convolution);

// Generated images. Throws nn::Error when a loss is no number.
Report train(const nn::Compiled& compiled, const Schedule& schedule, const Training& training);

}  // namespace memsched
