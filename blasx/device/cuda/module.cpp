// SPDX-License-Identifier: Apache-2.0
// The entry of libblasx_cuda.so, and what it says where no GPU can be used.
#include "blasx/device/module.hpp"

#include <cuda_runtime_api.h>

#include <cstring>
#include <exception>
#include <string>

#include "blasx/device/cuda/cuda_device.hpp"

namespace blasx::device::cuda {
namespace {

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string versions() {
  int driver = 0, runtime = 0;
  (void)cudaDriverGetVersion(&driver);
  (void)cudaRuntimeGetVersion(&runtime);
  if (driver == 0) return "no driver is loaded; CUDA " + version_text(runtime) + " needs one";
  return "the driver is for CUDA " + version_text(driver) + "; CUDA " + version_text(runtime) +
         " needs a newer one";
}

class CudaModule final : public DeviceModule {
 public:
  Result<int32_t> count() override {
    int count = 0;  // left alone by a call that fails
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaSuccess && count > 0) return count;
    if (error != cudaSuccess) (void)cudaGetLastError();
    if (error == cudaErrorInsufficientDriver) return failure(StatusCode::Unavailable, versions());
    if (error == cudaSuccess || error == cudaErrorNoDevice)
      return failure(StatusCode::NotFound, "there is no GPU, or none is visible");
    return failure(status_of(error, "cudaGetDeviceCount"));
  }

  Result<std::unique_ptr<Device>> make(const ModuleDeviceOptions& options) override {
    try {
      return CudaDevice::make(options);
    } catch (const std::exception& error) {  // no thread, no memory
      return failure(StatusCode::Unavailable, error.what());
    }
  }
};

}  // namespace
}  // namespace blasx::device::cuda

extern "C" __attribute__((visibility("default"))) blasx::device::DeviceModule* blasx_device_module(
    const char* stamp) {
  static blasx::device::cuda::CudaModule module;
  return std::strcmp(stamp, blasx::device::module_stamp()) == 0 ? &module : nullptr;
}
