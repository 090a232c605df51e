// SPDX-License-Identifier: Apache-2.0
// A machine file (man blasx-sim) of devices that are made of this machine's processor and memory, each with the rates of its
// cores. Pure.
#pragma once

#include <string>
#include <vector>

#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {

struct DescribedDevice {
  std::string name;          // "cpu", "host:0"
  int64_t memory_bytes = 0;  // of its arena; 0: it works on the caller's memory
  int32_t units = 1;
  double link_bytes_per_s = 0;  // that it was told to keep to; 0: as fast as memory
};

struct DescribedMachine {
  std::string name, description;
  std::string source;  // how and when it was measured
  int32_t cores = 1;
  int32_t streams = 4;  // of a device with an arena
  std::vector<DescribedDevice> devices;
};

std::string machine_file(const DescribedMachine& machine, const Measured& measured);

}  // namespace blasx::tools
