// SPDX-License-Identifier: Apache-2.0
// The memory of GPUs as collectives meet it: which pointers are in it, and copies out of it and into it. Implemented by
// liblpcoll_cuda.so, which owns nothing but CUDA's own state; safe to use from any thread.
#pragma once

#include <cstdint>

#include "common/status.hpp"

namespace lpcoll::cuda {

class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;
  // Whether code on the host must not touch what this points to. Managed and pinned memory is the host's too.
  virtual bool holds(const void* pointer) = 0;
  // Between any two memories; done when it returns.
  virtual blasx::Status copy(void* to, const void* from, int64_t bytes) = 0;
};

// What the module exports under kEntry: null unless `stamp` is its own.
using Entry = DeviceMemory* (*)(const char* stamp);
inline constexpr const char* kEntry = "lpcoll_device_memory_of";
inline constexpr const char* kStamp = "lpcoll device memory 1";

// Null where nothing in this process has loaded CUDA yet, where there is no GPU or no module; then there are no pointers into its
// memory either. A microsecond at most once CUDA is loaded.
DeviceMemory* device_memory();

}  // namespace lpcoll::cuda
