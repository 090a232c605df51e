// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/status.hpp"

#include <string>

namespace blasx::device::cuda {
namespace {

// What the call returned, now owned, or why it returned nothing.
template <typename Owner, typename Raw, typename E>
Result<Owner> own(E error, Raw raw, const char* what) {
  if (Status status = status_of(error, what); !status.ok()) return failure(std::move(status));
  return Owner(raw);
}

}  // namespace

Status status_of(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return {};
  const StatusCode code =
      error == cudaErrorMemoryAllocation ? StatusCode::OutOfMemory : StatusCode::DeviceLost;
  return Status(code, std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error) +
                          ", in " + what);
}

Status status_of(cublasStatus_t error, const char* what) {
  if (error == CUBLAS_STATUS_SUCCESS) return {};
  const StatusCode code =
      error == CUBLAS_STATUS_ALLOC_FAILED ? StatusCode::OutOfMemory : StatusCode::DeviceLost;
  return Status(code, std::string(cublasGetStatusName(error)) + ", in " + what);
}

void FreeDevice::operator()(std::byte* p) const { (void)cudaFree(p); }
void FreePinned::operator()(std::byte* p) const { (void)cudaFreeHost(p); }
void DestroyStream::operator()(cudaStream_t s) const { (void)cudaStreamDestroy(s); }
void DestroyEvent::operator()(cudaEvent_t e) const { (void)cudaEventDestroy(e); }
void DestroyHandle::operator()(cublasHandle_t h) const { (void)cublasDestroy(h); }

Result<DeviceMemory> device_memory(int64_t bytes) {
  void* raw = nullptr;
  const cudaError_t error = cudaMalloc(&raw, static_cast<size_t>(bytes));
  if (error != cudaSuccess) (void)cudaGetLastError();  // a refusal is no broken device
  return own<DeviceMemory>(error, static_cast<std::byte*>(raw), "cudaMalloc");
}

Result<PinnedMemory> pinned_memory(int64_t bytes) {
  void* raw = nullptr;
  const cudaError_t error = cudaHostAlloc(&raw, static_cast<size_t>(bytes), cudaHostAllocPortable);
  if (error != cudaSuccess) (void)cudaGetLastError();
  return own<PinnedMemory>(error, static_cast<std::byte*>(raw), "cudaHostAlloc");
}

Result<Stream> new_stream() {
  cudaStream_t raw = nullptr;
  const cudaError_t error = cudaStreamCreateWithFlags(&raw, cudaStreamNonBlocking);
  return own<Stream>(error, raw, "cudaStreamCreateWithFlags");
}

Result<Event> new_event() {
  cudaEvent_t raw = nullptr;
  const cudaError_t error = cudaEventCreateWithFlags(&raw, cudaEventDisableTiming);
  return own<Event>(error, raw, "cudaEventCreateWithFlags");
}

Result<Handle> new_handle() {
  cublasHandle_t raw = nullptr;
  const cublasStatus_t error = cublasCreate(&raw);
  return own<Handle>(error, raw, "cublasCreate");
}

}  // namespace blasx::device::cuda
