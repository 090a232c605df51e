// SPDX-License-Identifier: Apache-2.0
// liblpcoll_cuda.so.
#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "common/mutex.hpp"
#include "lpcoll/transport/cuda/mappings.hpp"
#include "lpcoll/transport/device/device_memory.hpp"

namespace lpcoll::cuda {
namespace {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;
using device::Element;
using device::Shared;

// The calling thread's device is the program's affair.
class OnDevice {
 public:
  explicit OnDevice(int device) {
    (void)cudaGetDevice(&before_);
    (void)cudaSetDevice(device);
  }
  ~OnDevice() { (void)cudaSetDevice(before_); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

 private:
  int before_ = 0;
};

template <typename T, typename Geam>
cublasStatus_t sum(Geam geam, cublasHandle_t handle, void* out, const void* a, const void* b,
                   int count, const T& one) {
  return geam(handle, CUBLAS_OP_N, CUBLAS_OP_N, count, 1, &one, static_cast<const T*>(a), count,
              &one, static_cast<const T*>(b), count, static_cast<T*>(out), count);
}

class CudaMemory final : public device::DeviceMemory {
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
    // From pageable memory it may return before the last bytes have arrived, and between devices before any.
    if (error == cudaSuccess) error = cudaStreamSynchronize(nullptr);
    return error == cudaSuccess ? Status() : status_of(error, "a copy to or from a GPU");
  }

  Status add(void* out, const void* a, const void* b, int64_t count, Element element) override {
    constexpr int64_t kMost = int64_t{1} << 28;
    constexpr int64_t kSizes[] = {0, sizeof(float), sizeof(double), sizeof(cuComplex),
                                  sizeof(cuDoubleComplex)};
    const int64_t size = kSizes[static_cast<int>(element)];
    const int device = device_of(out);
    const OnDevice on(device);
    const blasx::MutexLock lock(mutex_);
    cublasHandle_t& handle = handles_[device];
    if (handle == nullptr && cublasCreate_v2(&handle) != CUBLAS_STATUS_SUCCESS)
      return Status(StatusCode::Unavailable, "cuBLAS cannot be started");
    for (int64_t done = 0; done < count; done += kMost) {
      const auto part = static_cast<int>(std::min(kMost, count - done));
      const cublasStatus_t status =
          add_part(handle, static_cast<std::byte*>(out) + done * size,
                   static_cast<const std::byte*>(a) + done * size,
                   static_cast<const std::byte*>(b) + done * size, part, element);
      if (status != CUBLAS_STATUS_SUCCESS)
        return Status(StatusCode::DeviceLost,
                      std::string("a sum on a GPU: ") + cublasGetStatusString(status));
    }
    const cudaError_t error = cudaStreamSynchronize(nullptr);
    return error == cudaSuccess ? Status() : status_of(error, "a sum on a GPU");
  }

  Result<Shared> share(const void* pointer) override { return share_memory(pointer); }
  Result<std::byte*> map(const Shared& shared, const void* near) override {
    const OnDevice on(device_of(near));
    return mappings_.map(shared);
  }
  void unmap(const Shared& shared) override { mappings_.unmap(shared); }

 private:
  static int device_of(const void* pointer) {
    cudaPointerAttributes attributes = {};
    if (cudaPointerGetAttributes(&attributes, pointer) == cudaSuccess) return attributes.device;
    (void)cudaGetLastError();
    return 0;
  }

  static cublasStatus_t add_part(cublasHandle_t handle, void* out, const void* a, const void* b,
                                 int count, Element element) {
    switch (element) {
      case Element::Float:
        return sum<float>(cublasSgeam, handle, out, a, b, count, 1);
      case Element::Double:
        return sum<double>(cublasDgeam, handle, out, a, b, count, 1);
      case Element::FloatComplex:
        return sum<cuComplex>(cublasCgeam, handle, out, a, b, count, {1, 0});
      case Element::DoubleComplex:
        return sum<cuDoubleComplex>(cublasZgeam, handle, out, a, b, count, {1, 0});
      case Element::None:
        break;
    }
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }

  blasx::Mutex mutex_;
  std::map<int, cublasHandle_t> handles_ BLASX_GUARDED_BY(mutex_);  // by device
  Mappings mappings_;
};

bool has_gpu() {
  int count = 0;  // left alone by a call that fails
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) (void)cudaGetLastError();
  return error == cudaSuccess && count > 0;
}

}  // namespace
}  // namespace lpcoll::cuda

extern "C" __attribute__((visibility("default"))) lpcoll::device::DeviceMemory*
lpcoll_device_memory_of(const char* stamp) {
  // Never destroyed: CUDA may be gone before the process's end.
  static auto& memory = *new lpcoll::cuda::CudaMemory;
  return std::strcmp(stamp, LPCOLL_MODULE_STAMP) == 0 && lpcoll::cuda::has_gpu() ? &memory
                                                                                 : nullptr;
}
