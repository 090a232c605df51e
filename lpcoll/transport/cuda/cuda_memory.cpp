// SPDX-License-Identifier: Apache-2.0
// liblpcoll_cuda.so.
#include <cuda_runtime_api.h>

#include <cstring>
#include <string>

#include "lpcoll/transport/cuda/device_memory.hpp"

namespace lpcoll::cuda {
namespace {

using blasx::Status;
using blasx::StatusCode;

class CudaMemory final : public DeviceMemory {
 public:
  bool holds(const void* pointer) override {
    cudaPointerAttributes attributes = {};
    if (cudaPointerGetAttributes(&attributes, pointer) == cudaSuccess)
      return attributes.type == cudaMemoryTypeDevice;
    (void)cudaGetLastError();  // not for the program to find
    return false;
  }

  Status copy(void* to, const void* from, int64_t bytes) override {
    cudaError_t error = cudaMemcpy(to, from, static_cast<size_t>(bytes), cudaMemcpyDefault);
    // From pageable memory it may return before the last bytes have arrived.
    if (error == cudaSuccess) error = cudaStreamSynchronize(nullptr);
    if (error == cudaSuccess) return {};
    (void)cudaGetLastError();
    return Status(StatusCode::DeviceLost,
                  std::string("a copy to or from a GPU: ") + cudaGetErrorString(error));
  }
};

bool has_gpu() {
  int count = 0;  // left alone by a call that fails
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) (void)cudaGetLastError();
  return error == cudaSuccess && count > 0;
}

}  // namespace
}  // namespace lpcoll::cuda

extern "C" __attribute__((visibility("default"))) lpcoll::cuda::DeviceMemory*
lpcoll_device_memory_of(const char* stamp) {
  static lpcoll::cuda::CudaMemory memory;
  return std::strcmp(stamp, lpcoll::cuda::kStamp) == 0 && lpcoll::cuda::has_gpu() ? &memory
                                                                                  : nullptr;
}
