// SPDX-License-Identifier: Apache-2.0
// memsched train: a plan carried out.
#pragma once

#include <cstdint>
#include <string>

#include "clients/memsched/plan/switches.hpp"
#include "clients/memsched/tools/setting.hpp"

namespace memsched::tools {

struct TrainArguments {
  std::string device = "cpu";
  std::string convolution = "gemm";
  int64_t steps = 20;
  uint64_t seed = 1;
  double rate = 0.01;
  bool compare = false;
};

// `setting`: for the network, its batch and the memory; costs are the device's. The program's exit status.
int train(const Setting& setting, const Options& options, const TrainArguments& arguments);

}  // namespace memsched::tools
