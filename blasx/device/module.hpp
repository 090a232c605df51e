// SPDX-License-Identifier: Apache-2.0
// Devices that live in a shared library of their own, opened when they are first wanted: what the two libraries say to each other.
// A module stays open as long as the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "blasx/device/device.hpp"
#include "common/status.hpp"

namespace blasx::device {

// How a device of a module is made.
struct ModuleDeviceOptions {
  int32_t number = 0;        // of the hardware, below count()
  std::string name;          // "cuda:0"
  int32_t streams = 4;       // the most that begin_call will ask for
  int32_t copy_threads = 1;  // host threads that may fill and empty its buffers
  int32_t sharers = 1;  // devices that are made of this hardware: each takes its part of the memory
};

class DeviceModule {
 public:
  virtual ~DeviceModule() = default;
  // How many pieces of hardware there are, or why none can be used.
  virtual Result<int32_t> count() = 0;
  virtual Result<std::unique_ptr<Device>> make(const ModuleDeviceOptions& options) = 0;
};

// What a module exports under kModuleEntry: its devices, null unless `stamp` is its own build's.
using ModuleEntry = DeviceModule* (*)(const char* stamp);
inline constexpr const char* kModuleEntry = "blasx_device_module";
const char* module_stamp();

// Opens the library `file` in the folder of the library (or program) that this code is in, or in the folder above. A
// path with a slash is taken as it is.
Result<DeviceModule*> open_module(const std::string& file);

// The path under which open_module would look and find something; empty if nowhere.
std::string find_module(const std::string& file);

}  // namespace blasx::device
