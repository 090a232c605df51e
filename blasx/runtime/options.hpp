// SPDX-License-Identifier: Apache-2.0
// What a Runtime is made of. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "blasx/device/host/host_device.hpp"

namespace blasx::runtime {

// Devices of a module.
struct ModuleOptions {
  std::string file;              // of the module; empty: there are none
  std::string kind;              // "cuda": before the colon of their names
  std::vector<int32_t> numbers;  // of the hardware; the same twice is two devices that share it
  bool every = false;            // all there are, instead
  bool asked = false;            // by name: a missing one is worth a warning
};

struct Options {
  int32_t host_devices = 0;  // devices of host memory and threads
  ModuleOptions gpus;
  bool cpu = true;                  // whether the processor takes tasks beside other devices
  int32_t cores = 1;                // that the process may use
  int64_t device_memory_bytes = 0;  // arena of each device; 0: chosen
  double device_memory_share = 0;   // of what a device has free, instead; 0: not said
  std::optional<int64_t> tile;      // edge; empty: chosen for each call
  int32_t streams = 4;
  double link_bytes_per_s = 0;     // of host devices; 0: unlimited
  std::vector<double> host_rates;  // operations a second of each; those beyond its end: unlimited
  bool deterministic = false;      // devices of one kind only, no fused steps
  std::vector<device::FailPlan> fail;  // by host device; tests only
};

}  // namespace blasx::runtime
