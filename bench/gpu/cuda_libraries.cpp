// SPDX-License-Identifier: Apache-2.0
#include "bench/gpu/cuda_libraries.hpp"

#include <dlfcn.h>

namespace blasx::bench {

OpenedLibrary::OpenedLibrary(const std::string& name) : name_(name) {
  for (const char* version : {".13", ".12", ""}) {
    handle_ = dlopen((name + version).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
  }
}

void* OpenedLibrary::symbol(const std::string& name) const {
  return handle_ != nullptr ? dlsym(handle_, name.c_str()) : nullptr;
}

void need(cudaError_t error, const char* what) {
  if (error != cudaSuccess) {
    throw std::runtime_error(std::string(what) + " failed with CUDA error " +
                             std::to_string(static_cast<int>(error)));
  }
}

void need(cublasStatus_t status, const char* what) {
  if (status != CUBLAS_STATUS_SUCCESS) {
    throw std::runtime_error(std::string(what) + " failed with cuBLAS status " +
                             std::to_string(static_cast<int>(status)));
  }
}

}  // namespace blasx::bench
