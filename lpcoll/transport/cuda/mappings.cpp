// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/cuda/mappings.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace lpcoll::cuda {
namespace {

using blasx::failure;
using blasx::Result;
using blasx::Status;
using blasx::StatusCode;
using device::Shared;

// Of the driver, which the runtime has loaded: linking it would keep the module from being loaded where there is none.
// A CUdeviceptr is an integer as large as a pointer, and passed as one.
using GetAddressRange = int (*)(void** base, size_t* bytes, const void* address);
using GetAttribute = int (*)(void* value, int attribute, const void* address);

void* driver_function(const char* name) {
  static void* const driver = ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  return ::dlsym(driver != nullptr ? driver : RTLD_DEFAULT, name);
}

}  // namespace

Status status_of(cudaError_t error, const char* what) {
  (void)cudaGetLastError();
  return Status(StatusCode::DeviceLost, std::string(what) + ": " + cudaGetErrorString(error));
}

Result<Shared> share_memory(const void* pointer) {
  static const auto range =
      reinterpret_cast<GetAddressRange>(driver_function("cuMemGetAddressRange_v2"));
  static const auto attribute =
      reinterpret_cast<GetAttribute>(driver_function("cuPointerGetAttribute"));
  constexpr int kBufferId = 7;  // CU_POINTER_ATTRIBUTE_BUFFER_ID
  void* base = nullptr;
  uint64_t number = 0;
  if (range == nullptr || attribute == nullptr || range(&base, nullptr, pointer) != 0 ||
      attribute(&number, kBufferId, pointer) != 0)
    return failure(StatusCode::Unsupported, "the driver does not say what a pointer belongs to");
  cudaIpcMemHandle_t handle;
  const cudaError_t error = cudaIpcGetMemHandle(&handle, base);
  if (error != cudaSuccess) return failure(status_of(error, "memory that cannot be shared"));
  Shared shared = {};
  static_assert(sizeof handle == sizeof shared.handle);
  std::memcpy(shared.handle.data(), &handle, sizeof handle);
  shared.base = reinterpret_cast<uintptr_t>(base);
  shared.number = number;
  shared.offset = static_cast<const std::byte*>(pointer) - static_cast<std::byte*>(base);
  shared.process = getpid();
  return shared;
}

void Mappings::close_unused() {
  std::erase_if(open_, [](const auto& entry) {
    const Mapping& mapping = entry.second;
    if (mapping.users > 0) return false;
    if (cudaIpcCloseMemHandle(mapping.memory) != cudaSuccess) (void)cudaGetLastError();
    return true;
  });
}

void Mappings::unmap(const Shared& shared) {
  const blasx::MutexLock lock(mutex_);
  const auto found = open_.find({shared.process, shared.base});
  if (found != open_.end() && found->second.number == shared.number) --found->second.users;
}

Result<std::byte*> Mappings::map(const Shared& shared) {
  constexpr size_t kMost = 128;  // a mapping keeps memory that its owner has freed
  const blasx::MutexLock lock(mutex_);
  const std::pair<int64_t, uint64_t> where{shared.process, shared.base};
  auto found = open_.find(where);
  if (found != open_.end() && found->second.number != shared.number) {
    if (cudaIpcCloseMemHandle(found->second.memory) != cudaSuccess) (void)cudaGetLastError();
    open_.erase(found);
    found = open_.end();
  }
  if (found == open_.end()) {
    if (open_.size() >= kMost) close_unused();
    cudaIpcMemHandle_t handle;
    std::memcpy(&handle, shared.handle.data(), sizeof handle);
    Mapping mapping;
    mapping.number = shared.number;
    const cudaError_t error =
        cudaIpcOpenMemHandle(&mapping.memory, handle, cudaIpcMemLazyEnablePeerAccess);
    if (error != cudaSuccess) return failure(status_of(error, "another process's memory"));
    found = open_.emplace(where, mapping).first;
  }
  ++found->second.users;
  return static_cast<std::byte*>(found->second.memory) + shared.offset;
}

}  // namespace lpcoll::cuda
