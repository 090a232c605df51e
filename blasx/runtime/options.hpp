// SPDX-License-Identifier: Apache-2.0
// What a Runtime is made of. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "blasx/device/host/host_device.hpp"

namespace blasx::runtime {

struct Options {
  int32_t host_devices = 0;         // devices of host memory and threads
  bool cpu = true;                  // whether the processor takes tasks beside other devices
  int32_t cores = 1;                // that the process may use
  int64_t device_memory_bytes = 0;  // arena of each device; 0: chosen
  std::optional<int64_t> tile;      // edge; empty: chosen for each call
  int32_t streams = 4;
  double link_bytes_per_s = 0;         // of host devices; 0: unlimited
  bool deterministic = false;          // devices of one kind only, no fused steps
  std::vector<device::FailPlan> fail;  // by host device; tests only
};

}  // namespace blasx::runtime
