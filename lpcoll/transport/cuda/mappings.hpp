// SPDX-License-Identifier: Apache-2.0
// Memory of GPUs from process to process, by CUDA's IPC handles.
#pragma once

#include <cuda_runtime_api.h>

#include <map>
#include <utility>

#include "common/mutex.hpp"
#include "lpcoll/transport/device/device_memory.hpp"

namespace lpcoll::cuda {

// CUDA's error in words, which is then forgotten.
blasx::Status status_of(cudaError_t error, const char* what);

// What `map` of another process needs to know of the pointer's allocation.
blasx::Result<device::Shared> share_memory(const void* pointer);

// What has been mapped stays so, for opening takes as long as many copies; of too many, those are closed that nobody uses. Any thread
// may call it.
class Mappings {
 public:
  // For the calling thread's device.
  blasx::Result<std::byte*> map(const device::Shared& shared);
  void unmap(const device::Shared& shared);

 private:
  struct Mapping {
    uint64_t number = 0;
    void* memory = nullptr;
    int users = 0;
  };
  void close_unused() BLASX_REQUIRES(mutex_);

  blasx::Mutex mutex_;
  // By process and address there.
  std::map<std::pair<int64_t, uint64_t>, Mapping> open_ BLASX_GUARDED_BY(mutex_);
};

}  // namespace lpcoll::cuda
