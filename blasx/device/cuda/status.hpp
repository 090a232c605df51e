// SPDX-License-Identifier: Apache-2.0
// CUDA's and cuBLAS's answers as Status values, and owners of what they hand out. Destructors release without complaint: at the
// end of a process the driver may be gone first.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

#include "common/status.hpp"

namespace blasx::device::cuda {

// Ok, or DeviceLost (OutOfMemory for a refused allocation) with "cudaErrorName: text, in what".
Status status_of(cudaError_t error, const char* what);
Status status_of(cublasStatus_t error, const char* what);

struct FreeDevice {
  void operator()(std::byte* p) const;
};
struct FreePinned {
  void operator()(std::byte* p) const;
};
struct DestroyStream {
  void operator()(cudaStream_t s) const;
};
struct DestroyEvent {
  void operator()(cudaEvent_t e) const;
};
struct DestroyHandle {
  void operator()(cublasHandle_t h) const;
};
using DeviceMemory = std::unique_ptr<std::byte, FreeDevice>;
using PinnedMemory = std::unique_ptr<std::byte, FreePinned>;
using Stream = std::unique_ptr<CUstream_st, DestroyStream>;
using Event = std::unique_ptr<CUevent_st, DestroyEvent>;
using Handle = std::unique_ptr<cublasContext, DestroyHandle>;

Result<DeviceMemory> device_memory(int64_t bytes);
Result<PinnedMemory> pinned_memory(int64_t bytes);
Result<Stream> new_stream();
Result<Event> new_event();
Result<Handle> new_handle();

}  // namespace blasx::device::cuda
