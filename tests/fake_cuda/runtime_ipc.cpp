// SPDX-License-Identifier: Apache-2.0
// Entry points by which processes reach each other's device memory: it is files, and a handle says whose and which. With them the
// two functions of the driver that tell where an allocation begins and which it is.
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/fake_cuda/machine.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

struct Handle {
  pid_t process;
  int file, device;
  size_t bytes;
};
static_assert(sizeof(Handle) <= sizeof(cudaIpcMemHandle_t));

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t* handle, void* memory) {
  return call("cudaIpcGetMemHandle", current_device(), [&](Machine& m, auto&) {
    const auto* found = m.memory().block_at(memory);
    if (found == nullptr || found->second.file < 0) return cudaErrorInvalidValue;
    if (found->first != reinterpret_cast<uintptr_t>(memory)) return cudaErrorInvalidValue;
    const Handle its{getpid(), found->second.file, found->second.device, found->second.bytes};
    *handle = {};
    std::memcpy(handle->reserved, &its, sizeof its);
    return cudaSuccess;
  });
}

// Not in the process that the memory belongs to, as with the real one; and only where devices are peers.
cudaError_t cudaIpcOpenMemHandle(void** memory, cudaIpcMemHandle_t handle, unsigned int flags) {
  return call("cudaIpcOpenMemHandle", current_device(), [&](Machine& m, auto&) {
    Handle its{};
    std::memcpy(&its, handle.reserved, sizeof its);
    if (its.process == getpid() || flags != cudaIpcMemLazyEnablePeerAccess) {
      return cudaErrorInvalidValue;
    }
    if (its.device >= m.configuration().devices) return cudaErrorInvalidDevice;
    const bool near = its.device == current_device() ||
                      m.configuration().may_access(current_device(), its.device);
    if (!near) return cudaErrorPeerAccessUnsupported;
    if (its.device != current_device()) m.enable_peer(current_device(), its.device);
    const std::string path =
        "/proc/" + std::to_string(its.process) + "/fd/" + std::to_string(its.file);
    const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return cudaErrorInvalidResourceHandle;
    *memory = m.memory().borrow(its.device, its.bytes, file);
    close(file);
    return *memory != nullptr ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

cudaError_t cudaIpcCloseMemHandle(void* memory) {
  return call("cudaIpcCloseMemHandle", current_device(), [&](Machine& m, auto&) {
    const auto* found = m.memory().block_at(memory);
    if (found == nullptr || !found->second.borrowed) return cudaErrorInvalidValue;
    return m.memory().release(Kind::Device, memory) ? cudaSuccess : cudaErrorInvalidValue;
  });
}

int cuMemGetAddressRange_v2(uintptr_t* base, size_t* bytes, const void* address) {
  Machine& m = machine();
  const Machine::Lock lock(m.mutex());
  const auto* found = m.memory().block_at(address);
  if (found == nullptr) return 1;
  if (base != nullptr) *base = found->first;
  if (bytes != nullptr) *bytes = found->second.bytes;
  return 0;
}

// CU_POINTER_ATTRIBUTE_BUFFER_ID alone: a number that no two allocations of a process share.
int cuPointerGetAttribute(void* value, int attribute, const void* address) {
  constexpr int kBufferId = 7;
  Machine& m = machine();
  const Machine::Lock lock(m.mutex());
  const auto* found = m.memory().block_at(address);
  if (found == nullptr || attribute != kBufferId) return 1;
  std::memcpy(value, &found->second.number, sizeof found->second.number);
  return 0;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
