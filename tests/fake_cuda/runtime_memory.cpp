// SPDX-License-Identifier: Apache-2.0
// Entry points that give, take and describe memory.
#include "tests/fake_cuda/machine.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

cudaError_t allocate(const char* name, Kind kind, void** memory, size_t bytes) {
  return call(name, current_device(), [&](Machine& m, auto&) {
    if (bytes == 0) {
      *memory = nullptr;
      return cudaSuccess;
    }
    const int device = current_device();
    const int64_t limit = m.configuration().memory_bytes;
    const bool fits = static_cast<int64_t>(bytes) <= limit - m.memory().in_use(device);
    if (kind == Kind::Device && !fits) return cudaErrorMemoryAllocation;
    void* got = m.memory().allocate(kind, device, bytes);
    if (got == nullptr) return cudaErrorMemoryAllocation;
    *memory = got;
    return cudaSuccess;
  });
}

// Nothing unfinished may use what goes away; then the device is waited for, as CUDA does.
cudaError_t release(const char* name, Kind kind, void* memory) {
  return call(name, current_device(), [&](Machine& m, auto& lock) {
    if (memory == nullptr) return cudaSuccess;
    const auto whole = m.memory().whole(memory);
    if (!whole) return cudaErrorInvalidValue;
    m.host_touches(name, {*whole, true});
    for (int d = 0; d < m.configuration().devices; ++d) {
      const cudaError_t error = m.wait_for_device(lock, d);
      if (error != cudaSuccess && d == current_device()) return error;
    }
    return m.memory().release(kind, memory) ? cudaSuccess : cudaErrorInvalidValue;
  });
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  return allocate("cudaMalloc", Kind::Device, memory, bytes);
}
cudaError_t cudaFree(void* memory) { return release("cudaFree", Kind::Device, memory); }
cudaError_t cudaMallocManaged(void** memory, size_t bytes, unsigned int /*flags*/) {
  return allocate("cudaMallocManaged", Kind::Managed, memory, bytes);
}
cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  return allocate("cudaMallocHost", Kind::Pinned, memory, bytes);
}
cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned int /*flags*/) {
  return allocate("cudaHostAlloc", Kind::Pinned, memory, bytes);
}
cudaError_t cudaFreeHost(void* memory) { return release("cudaFreeHost", Kind::Pinned, memory); }

cudaError_t cudaHostRegister(void* memory, size_t bytes, unsigned int flags) {
  return call("cudaHostRegister", current_device(), [&](Machine& m, auto&) {
    if (memory == nullptr || bytes == 0) return cudaErrorInvalidValue;
    if (!is_mapped(memory, bytes, (flags & cudaHostRegisterReadOnly) == 0)) {
      return cudaErrorInvalidValue;
    }
    return m.memory().register_host(memory, bytes, current_device())
               ? cudaSuccess
               : cudaErrorHostMemoryAlreadyRegistered;
  });
}

cudaError_t cudaHostUnregister(void* memory) {
  return call("cudaHostUnregister", current_device(), [&](Machine& m, auto&) {
    if (const auto whole = m.memory().whole(memory)) {
      m.host_touches("cudaHostUnregister", {*whole, true});
    }
    return m.memory().unregister_host(memory) ? cudaSuccess : cudaErrorHostMemoryNotRegistered;
  });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* memory) {
  return call("cudaPointerGetAttributes", current_device(), [&](Machine& m, auto&) {
    *attributes = {};
    auto* address = const_cast<void*>(memory);
    attributes->type = cudaMemoryTypeUnregistered;
    attributes->device = -2;  // CUDA's number for no device
    attributes->hostPointer = address;
    const Memory::Block* block = m.memory().find(memory);
    if (block == nullptr) return cudaSuccess;
    attributes->device = block->device;
    attributes->devicePointer = address;
    attributes->type = block->kind == Kind::Device    ? cudaMemoryTypeDevice
                       : block->kind == Kind::Managed ? cudaMemoryTypeManaged
                                                      : cudaMemoryTypeHost;
    if (block->kind == Kind::Device) attributes->hostPointer = nullptr;
    return cudaSuccess;
  });
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
