// SPDX-License-Identifier: Apache-2.0
// The memory of GPUs as collectives meet it: which pointers are in it, and copies out of it and into it. Implemented by
// liblpcoll_cuda.so, which owns nothing but CUDA's own state; safe to use from any thread.
#pragma once

#include <link.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "common/status.hpp"

namespace lpcoll::device {

// Numbers that a device can add.
enum class Element : uint8_t { None, Float, Double, FloatComplex, DoubleComplex };

// Memory of a GPU in the words that another process of the host understands: the allocation, and where in it. A plain value.
struct Shared {
  std::array<std::byte, 64> handle;  // CUDA's, of the whole allocation
  uint64_t base;                     // where that is in its own process
  uint64_t number;                   // of no other allocation of that process
  int64_t offset;
  int64_t process;
};

class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;
  // Whether code on the host must not touch what this points to. Managed and pinned memory is the host's too.
  virtual bool holds(const void* pointer) = 0;
  // Between any two memories; done when it returns.
  virtual blasx::Status copy(void* to, const void* from, int64_t bytes) = 0;
  // out = a + b on the device that holds `out`; a and out may be the same. Done when it returns.
  virtual blasx::Status add(void* out, const void* a, const void* b, int64_t count,
                            Element element) = 0;
  virtual blasx::Result<Shared> share(const void* pointer) = 0;
  // Another process's memory in this one, for the device that holds `near`. Good until as many calls of unmap(); kept after these
  // for a while, for the next that asks.
  virtual blasx::Result<std::byte*> map(const Shared& shared, const void* near) = 0;
  virtual void unmap(const Shared& shared) = 0;
};

// What the module exports under kEntry: null unless `stamp` is its own build's.
using Entry = DeviceMemory* (*)(const char* stamp);
inline constexpr const char* kEntry = "lpcoll_device_memory_of";

// Null where nothing in this process has loaded CUDA yet, where there is no GPU or no module; then there are no pointers into its
// memory either. A microsecond at most while no library is loaded.
DeviceMemory* device_memory();

namespace internal {
extern constinit std::atomic<link_map**>
    g_end;  // where a library would be that has come after the last look for CUDA
}
// Whether device_memory() is null, in a few instructions; false says nothing.
inline bool is_surely_absent() {
  link_map** end = internal::g_end.load(std::memory_order_acquire);
  return end != nullptr && __atomic_load_n(end, __ATOMIC_RELAXED) == nullptr;
}

}  // namespace lpcoll::device
