// SPDX-License-Identifier: Apache-2.0
// From configuration to devices: which ones exist, how much memory each may take, how fast the ways between them are.
// The Runtime owns what is made here.
#pragma once

#include <memory>
#include <vector>

#include "blasx/config/config.hpp"
#include "blasx/device/device.hpp"
#include "blasx/runtime/options.hpp"

namespace blasx::runtime {

Options options_from(const config::Config& config);

// The configured devices of host memory, the processor last (always there: it also stands in when all others are lost). What
// cannot be had is left out with a warning.
std::vector<std::unique_ptr<device::Device>> make_devices(const Options& options);

// The configured devices of a module, which is opened for it. What cannot be had is left out, with a warning if it was asked for.
std::vector<std::unique_ptr<device::Device>> make_module_devices(const Options& options);

// How many these may turn out to be; opens nothing.
int32_t expected_devices(const ModuleOptions& options);

// Opens the device's arena with as much of `wanted` bytes as it gives; 0 if it gives nothing useful.
int64_t open_arena(device::Device& device, int64_t wanted);

// Rates between home and the given devices, [from][to], index 0 home.
std::vector<double> link_rates(const std::vector<device::Device*>& devices);

}  // namespace blasx::runtime
